/** The audit log: who did and saw what, and whether the log is as it was written. */
import { api } from "./api.js";
import { h, say } from "./shared/dom.js";
import { field } from "./shared/parts.js";
import { moment, named, t } from "./shared/words.js";

const EVERY = "*";
const STEPS = [50, 200, 500];

/** The log of one of `shops`, newest first. */
export function auditPart(shops, { nameOf, trouble }) {
  const places = shops.filter((shop) => shop !== EVERY);
  const shop = places.length
    ? h("select", { name: "merchant" }, places.map((id) => h("option", { value: id }, nameOf(id))))
    : h("input", { name: "merchant", autocomplete: "off" });
  const who = h("input", { name: "who", type: "email", autocomplete: "off" });
  const caseId = h("input", { name: "case", autocomplete: "off" });
  const told = h("p", { class: "quiet", role: "status" });
  const state = h("p", { class: "audit-state", role: "status" });
  const list = h("ol", { class: "entries" });
  const more = h("button", { type: "button", hidden: true, onclick: () => { step += 1; look(); } }, t("audit_more"));
  const checker = h("button", { type: "button", onclick: check }, t("audit_check"));
  let step = 0;

  async function look() {
    try {
      const last = STEPS[step];
      const { entries } = await api.audit({ merchant: shop.value, who: who.value.trim(), case: caseId.value.trim(), last });
      list.replaceChildren(...entries.map(entry));
      say(told, t("entries_n", entries.length));
      more.hidden = entries.length < last || step === STEPS.length - 1;
    } catch (error) {
      trouble(error);
    }
  }

  async function check() {
    checker.disabled = true;
    say(state, t("audit_checking"));
    try {
      const { entries, problems } = await api.checkAudit(shop.value);
      state.className = `audit-state ${problems.length ? "bad" : "good"}`;
      say(state, problems.length ? t("audit_broken", problems.map((one) => one.seq).join(", ")) : t("audit_whole", entries));
    } catch (error) {
      say(state, "");
      trouble(error);
    } finally {
      checker.disabled = false;
    }
  }

  const form = h("form", { class: "filters", onsubmit: (event) => {
    event.preventDefault();
    step = 0;
    look();
  } }, field(t("shop"), shop), field(t("audit_who"), who), field(t("audit_case"), caseId),
  h("button", { type: "submit", class: "primary" }, t("audit_show")));
  look();
  return h("section", { class: "part", "aria-labelledby": "part-title" },
    h("div", { class: "line" }, h("h2", { id: "part-title" }, t("audit")), checker), h("p", {}, t("audit_lead")), state, form, told, list, more);
}

function entry(row) {
  const about = [row.about, row.fields.map(fieldName).join(", ")].filter(Boolean).join(" · ");
  return h("li", {}, h("span", { class: "meta" }, h("time", { datetime: row.at }, moment(row.at)), ` · ${row.seq}`),
    h("span", {}, h("strong", {}, row.who), " ", named("audit", row.what)),
    about ? h("span", { class: "meta" }, about) : null,
    row.case_id ? h("code", { class: "meta" }, row.case_id) : null);
}

/** The fields of an entry are parts of a case, or roles. */
const fieldName = (name) => t(`audit_field_${name}`) ?? named("role", name);
