/** What the visitor has told in the form, on top of the conversation. */
import { h } from "./shared/dom.js";
import { pick, t } from "./shared/words.js";

/** The facts of a case; they can be folded away, and stay readable in one line. */
export function factsOf(intake) {
  const line = intake.filter((fact) => fact.value && fact.kind !== "long_text").map((fact) => fact.value).join(" · ");
  return h("section", { class: "told", tabindex: "0", "aria-label": t("facts") },
    h("details", { open: true },
      h("summary", {}, h("h3", {}, t("facts")), h("span", { class: "short" }, line)),
      intake.length ? h("dl", { class: "facts" }, intake.map(factOf)) : h("p", { class: "quiet" }, t("no_facts"))));
}

function factOf(fact) {
  return h("div", { class: fact.kind === "long_text" ? "long" : null },
    h("dt", {}, pick(fact.label, fact.key)),
    h("dd", {}, fact.value || h("span", { class: "quiet" }, t("not_given")),
      fact.problem ? h("span", { class: "problem" }, t(`problem_${fact.problem}`)) : null));
}
