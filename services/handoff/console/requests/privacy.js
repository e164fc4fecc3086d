/** The overview of a shop's data protection officer: erasures, receipts, and how old what is kept is. */
import { api } from "../api.js";
import { h, say } from "../shared/dom.js";
import { field } from "../shared/parts.js";
import { day, duration, moment, named, number, t } from "../shared/words.js";

/** The overview of one of `shops`. */
export function privacyPart(shops, { nameOf, trouble }) {
  const shop = h("select", { onchange: look }, shops.map((id) => h("option", { value: id }, nameOf(id))));
  const told = h("p", { class: "quiet", role: "status" }, t("loading"));
  const facts = h("dl", { class: "kept" });
  const list = h("ol", { class: "entries" });

  async function look() {
    try {
      const found = await api.privacy(shop.value);
      facts.replaceChildren(...factsOf(found).map(([name, value, kind]) => h("div", {}, h("dt", {}, name), h("dd", { class: kind }, value))));
      list.replaceChildren(...found.erasures.map((one) => erasure(one, shop.value)));
      say(told, t("erasures_n", found.erasures.length));
    } catch (error) {
      say(told, t("failed"));
      trouble(error);
    }
  }

  look();
  return h("section", { class: "part", "aria-labelledby": "part-title" },
    h("h2", { id: "part-title" }, t("privacy")), h("p", {}, t("privacy_lead")), field(t("shop"), shop), facts,
    h("h3", {}, t("erasures")), told, list);
}

function factsOf({ finished, running, messages, oldest, late_seconds: late, statement }) {
  return [
    [t("privacy_finished"), number(finished)],
    [t("privacy_running"), number(running), running ? "bad" : ""],
    [t("privacy_messages"), number(messages)],
    [t("privacy_oldest"), oldest ? moment(oldest) : t("privacy_nothing")],
    [t("privacy_late"), late ? duration(late) : t("privacy_on_time"), late > 600 ? "bad" : "good"],
    [t("privacy_statement"), statement ? day(statement) : t("privacy_no_statement")],
  ];
}

function erasure(one, shop) {
  const address = `api/privacy/receipts/${one.id}?${new URLSearchParams({ merchant: shop })}`;
  const state = one.completed_at ? t("erasure_done", moment(one.completed_at)) : t("erasure_waits", one.waiting_for.join(", "));
  return h("li", {}, h("time", { class: "meta", datetime: one.requested_at }, moment(one.requested_at)),
    h("span", {}, h("strong", {}, named("by", one.requested_by)), " · ", h("span", { class: one.completed_at ? null : "problem" }, state)),
    one.receipt ? h("span", {}, h("a", { href: address, download: true }, t("receipt"))) : null);
}
