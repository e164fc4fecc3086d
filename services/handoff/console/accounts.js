/** The accounts of a shop: who works there, as what, and who may come in. */
import { api } from "./api.js";
import { factorDialog, secretDialog } from "./factor.js";
import { grantFields, granted } from "./grants.js";
import { h, say } from "./shared/dom.js";
import { keyed } from "./keyed.js";
import { ask, confirmed, field } from "./shared/parts.js";
import { named, t } from "./shared/words.js";

const EVERY = "*";

/** The list of accounts that this person manages at `shops`. */
export function accountsPart(shops, { agent, nameOf, tell, trouble }) {
  const list = h("ul", { class: "people" });
  const told = h("p", { class: "quiet", role: "status" }, t("loading"));
  const show = keyed(list, (account) => account.email, personRow);

  async function refresh() {
    try {
      const { accounts } = await api.accounts();
      show(accounts);
      say(told, t("accounts_n", accounts.length));
    } catch (error) {
      say(told, t("failed"));
      trouble(error);
    }
  }

  async function attempt(work, said) {
    try {
      await work();
      if (said) tell(said);
    } catch (error) {
      trouble(error);
    }
    await refresh();
  }

  function personRow(first) {
    const { email } = first;
    const isOwn = email === agent.id;
    const head = h("p", { class: "line" });
    const grants = h("ul", { class: "grants" });
    const shut = h("button", { type: "button", onclick: () => shutOrOpen() });
    let account = first;

    async function shutOrOpen() {
      if (account.disabled) return attempt(() => api.change(email, "enable"), t("account_enabled_said", account.name));
      if (!(await confirmed(t("account_disable_title", account.name), t("account_disable_lead"), t("account_disable_now")))) return;
      await attempt(() => api.change(email, "disable"), t("account_disabled_said", account.name));
    }

    const actions = isOwn
      ? [button("factor_new", () => factorDialog(email, true, trouble))]
      : [button("roles_change", () => changeGrant(account)), button("password_new", () => newPassword(account)),
        button("factor_new", () => factorDialog(email, false, trouble).then(refresh)), shut];
    return {
      node: h("li", { "data-id": email }, head, h("p", { class: "meta" }, email), grants, h("p", { class: "buttons" }, actions)),
      update(item) {
        account = item;
        head.replaceChildren(h("strong", {}, item.name), h("span", { class: "marks" }, marksOf(item, isOwn).map(([kind, text]) =>
          h("span", { class: `tag ${kind}` }, text))));
        grants.replaceChildren(...item.grants.map((grant) => h("li", {}, h("strong", {}, nameOf(grant.merchant_id)), ": ",
          [grant.roles.map((role) => named("role", role)).join(", "), skillsText(grant.skills)].join(" · "))));
        say(shut, t(item.disabled ? "account_enable" : "account_disable"));
      },
    };
  }

  async function add() {
    const email = h("input", { type: "email", name: "email", required: true, autocomplete: "off", maxlength: "254" });
    const name = h("input", { name: "name", autocomplete: "off", maxlength: "100" });
    const fields = grantFields({ shops, agent, nameOf });
    const answer = await ask(t("account_add_now"), h("div", { class: "fields" }, field(t("email"), email),
      field(t("name"), name, { hint: t("name_hint") }), fields.node), [
      { value: "", text: t("cancel") }, { value: "add", text: t("account_add_now"), kind: "primary" }]);
    if (!answer) return;
    await attempt(async () => {
      const made = await api.addAccount({ email: email.value.trim(), name: name.value.trim(), ...granted(answer.data) });
      await secretDialog(t("password_of", made.email), t("password_once"), [made.password]);
    });
  }

  async function changeGrant(account) {
    const fields = grantFields({ shops, agent, nameOf, account });
    const answer = await ask(t("roles_of", account.name), fields.node, [
      { value: "", text: t("cancel") }, { value: "save", text: t("save"), kind: "primary" }]);
    if (answer) await attempt(() => api.grant(account.email, granted(answer.data)), t("saved"));
  }

  async function newPassword(account) {
    if (!(await confirmed(t("password_title", account.name), t("password_lead"), t("password_now")))) return;
    await attempt(async () => {
      const { password } = await api.change(account.email, "password");
      await secretDialog(t("password_of", account.email), t("password_once"), [password]);
    });
  }

  refresh();
  return h("section", { class: "part", "aria-labelledby": "part-title" },
    h("div", { class: "line" }, h("h2", { id: "part-title" }, t("accounts")),
      h("button", { type: "button", class: "primary", onclick: add }, t("account_add"))), told, list);
}

const button = (text, onclick) => h("button", { type: "button", onclick }, t(text));

function skillsText(skills) {
  return skills.includes(EVERY) ? t("every_skill") : skills.join(", ");
}

function marksOf(account, isOwn) {
  return [
    isOwn ? ["", t("you")] : null,
    account.second_factor ? ["good", t("factor_on")] : ["came", t("factor_off")],
    account.disabled ? ["shut-out", t("account_is_disabled")] : null,
  ].filter(Boolean);
}
