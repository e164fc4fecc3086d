/** What the visitor has told in the form, and what the shop says of the visitor, on top of the conversation. */
import { h } from "./shared/dom.js";
import { pick, t } from "./shared/words.js";

/** The facts of a case; they can be folded away, and stay readable in one line. */
export function factsOf({ intake, customer = null, context = null }) {
  const line = intake.filter((fact) => fact.value && fact.kind !== "long_text").map((fact) => fact.value).join(" · ");
  return h("section", { class: "told", tabindex: "0", "aria-label": t("facts") },
    h("details", { open: true },
      h("summary", {}, h("h3", {}, t("facts")), h("span", { class: "short" }, line)),
      intake.length ? h("dl", { class: "facts" }, intake.map(factOf)) : h("p", { class: "quiet" }, t("no_facts")),
      customer && h("section", { class: "verified" }, h("h4", {}, t("verified")),
        h("dl", { class: "facts" }, saidOf(customer, { name: "customer_name", email: "customer_email", sub: "customer_number" }))),
      context && h("section", {}, h("h4", {}, t("seen_on")),
        h("dl", { class: "facts" }, saidOf(context, { page: "seen_page", product: "seen_product", order: "seen_order" })))));
}

function saidOf(said, labels) {
  return Object.entries(labels).filter(([key]) => said[key])
    .map(([key, label]) => h("div", {}, h("dt", {}, t(label)), h("dd", {}, said[key])));
}

function factOf(fact) {
  return h("div", { class: fact.kind === "long_text" ? "long" : null },
    h("dt", {}, pick(fact.label, fact.key)),
    h("dd", {}, fact.value || h("span", { class: "quiet" }, t("not_given")),
      fact.problem ? h("span", { class: "problem" }, t(`problem_${fact.problem}`)) : null));
}
