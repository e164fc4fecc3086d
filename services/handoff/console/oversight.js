/** The screens of those who look after others: requests about data, accounts, and who looked at what. */
import { accountsPart } from "./accounts.js";
import { api } from "./api.js";
import { auditPart } from "./audit.js";
import { bar } from "./bar.js";
import { privacyPart } from "./requests/privacy.js";
import { requestsPart } from "./requests/requests.js";
import { h, say } from "./shared/dom.js";
import { empty } from "./shared/parts.js";
import { t } from "./shared/words.js";

const EVERY = "*";
const TOLD_MS = 8000;
const SAID = {
  no_right: "no_right_do", own_account: "own_account", not_possible: "not_possible", request_state: "request_moved",
  mail_off: "mail_is_off", mail_failed: "mail_not_sent", mail_refused: "mail_is_refused",
  address_wrong: "address_is_wrong", form_wrong: "facts_are_wrong",
  reference_wrong: "reference_is_wrong", nothing_found: "found_none", too_many_tries: "too_many_look_ups",
};
const PARTS = [
  ["requests", "handle_requests", requestsPart], ["privacy", "handle_requests", privacyPart],
  ["accounts", "manage_accounts", accountsPart], ["audit", "read_audit", auditPart],
];

/** The shops at which a person has a right; the one called `*` is every shop. */
export const shopsWith = (agent, right) =>
  Object.keys(agent.rights).filter((shop) => agent.rights[shop].includes(right));

/** Whether there is anything for this person on these screens. */
export const mayOversee = (agent) => PARTS.some(([, right]) => shopsWith(agent, right).length > 0);

/** Shows them until `stop`; `leave(why)` asks for the log-in form, `again` redraws. */
export function oversightScreen(root, agent, { places, leave, again }) {
  const parts = PARTS.filter(([, right]) => shopsWith(agent, right).length);
  const said = h("p", { class: "toast", role: "status", hidden: true });
  const trouble = h("p", { class: "toast bad", role: "alert", hidden: true });
  const place = h("div", { class: "oversight-place" });
  const tabs = parts.map(([name]) => h("button", { type: "button", onclick: () => choose(name) }, t(name)));
  const top = bar(agent, { presence: null, places, again, logOut });
  const hiding = new Map();
  const ways = {
    agent, nameOf: (id) => (id === EVERY ? t("every_shop") : agent.merchants.find((shop) => shop.id === id)?.name ?? id),
    tell: (text) => flash(said, text), trouble: failed,
  };
  root.replaceChildren(top.node,
    h("main", { class: "oversight" }, h("nav", { "aria-label": t("oversight") }, tabs), place), said, trouble);

  function choose(wanted) {
    const at = Math.max(0, parts.findIndex(([name]) => name === wanted));
    const [name, right, part] = parts[at];
    tabs.forEach((tab, index) => (index === at ? tab.setAttribute("aria-current", "page") : tab.removeAttribute("aria-current")));
    history.replaceState(null, "", `#${name}`);
    document.title = `Prat · ${t(name)}`;
    place.replaceChildren(part(shopsWith(agent, right), ways));
  }

  function failed(error) {
    if (error.status === 401) return leave("session_ended");
    flash(trouble, t(error.status === 0 ? "no_answer" : SAID[error.code] ?? "failed"));
  }

  function flash(node, text) {
    say(node, text);
    node.hidden = false;
    clearTimeout(hiding.get(node));
    hiding.set(node, setTimeout(() => { node.hidden = true; }, TOLD_MS));
  }

  async function logOut() {
    await api.logOut().catch(failed);
    leave(null);
  }

  if (parts.length) choose(location.hash.slice(1));
  else place.replaceChildren(empty(h("h2", {}, t("nothing_granted")), h("p", {}, t("nothing_granted_lead"))));
  return { stop: () => hiding.forEach(clearTimeout) };
}
