/** A topic as text, with line numbers, and problems that lead to their line. */
import { h } from "./shared/dom.js";
import { fresh } from "./shared/parts.js";
import { t } from "./shared/words.js";

/** Edits a text; `changed` gets it. `goTo` shows a line. */
export function textEditor(text, changed) {
  const id = fresh("yaml");
  const numbers = h("div", { class: "numbers", "aria-hidden": "true" });
  const area = h("textarea", { id, class: "yaml", spellcheck: "false", autocapitalize: "none", autocomplete: "off", wrap: "off", value: text });
  area.addEventListener("input", () => {
    changed(area.value);
    count();
  });
  area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; });
  area.addEventListener("keydown", indent);
  count();
  return {
    node: h("section", { class: "part", "aria-label": t("text") },
      h("p", { class: "hint" }, t("text_lead")), h("label", { class: "unseen", for: id }, t("text")),
      h("div", { class: "code" }, numbers, area)),
    goTo,
  };

  function count() {
    const lines = area.value.split("\n").length;
    if (numbers.childElementCount === lines) return;
    numbers.replaceChildren(...Array.from({ length: lines }, (_, index) => h("span", {}, index + 1)));
  }

  /** Tab would leave the field, and must: indenting is done by Enter, which keeps the line's. */
  function indent(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
    const blanks = /^ *(?:- )?/.exec(line)[0];
    if (!blanks) return;
    event.preventDefault();
    area.setRangeText(`\n${blanks}`, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }

  function goTo(line) {
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, line - 4);
  }
}
