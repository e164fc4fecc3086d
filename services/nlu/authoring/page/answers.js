/** A topic's answers in one language: the text, the facts that go into it, and how visitors see it. */
import { h } from "./shared/dom.js";
import { filled } from "./fill.js";
import { named, t } from "./shared/words.js";
import { growing } from "./parts.js";
import { field } from "./shared/parts.js";

const OPTIONAL = ["closed", "first"];

/** Edits `data.answers`; `changed` is called after each change. */
export function answerEditor({ data, language, variables, changed }) {
  const part = h("section", { class: "part", "aria-label": t("answers") });
  draw();
  return part;

  function draw() {
    const names = Object.keys(data.answers ?? {});
    part.replaceChildren(h("h3", {}, t("answers")), ...names.map(answer), more(names));
  }

  function answer(name) {
    const texts = data.answers[name] ?? {};
    const shown = h("p", { class: "bubble", lang: language });
    const area = growing({ value: texts[language] ?? "", lang: language, maxlength: 2000 });
    area.addEventListener("input", () => {
      data.answers[name] = { ...data.answers[name], [language]: area.value };
      show(shown, area.value);
      changed();
    });
    show(shown, area.value);
    const label = named("answer", name);
    return h("div", { class: "answer" }, field(label, area),
      h("div", { class: "line" }, h("span", { class: "hint" }, t("shown_as")), picker(label, area)), shown);
  }

  function picker(label, area) {
    const own = (data.needs ?? []).map(({ key }) => key);
    const names = [...new Set([...own, ...variables.names])];
    const select = h("select", { "aria-label": t("insert_into", label) },
      h("option", { value: "" }, t("insert")), names.map((name) => h("option", { value: name }, named("fact", name))));
    select.addEventListener("change", () => {
      area.setRangeText(`{${select.value}}`, area.selectionStart, area.selectionEnd, "end");
      select.value = "";
      area.dispatchEvent(new Event("input"));
      area.focus();
    });
    return select;
  }

  function show(node, text) {
    const parts = filled(text, variables.values[language] ?? {});
    node.hidden = !text.trim();
    node.replaceChildren(...parts.map(({ text: words, kind }) =>
      (kind === "own" ? words : h(kind === "fact" ? "b" : "mark", {}, words))));
  }

  function more(names) {
    const left = OPTIONAL.filter((name) => !names.includes(name) && (data.action ?? "answer") !== "order_lookup");
    if (!left.length) return null;
    const select = h("select", { "aria-label": t("more_answers") },
      h("option", { value: "" }, `${t("more_answers")} …`), left.map((name) => h("option", { value: name }, named("answer", name))));
    select.addEventListener("change", () => {
      data.answers = { ...data.answers, [select.value]: { [language]: "" } };
      changed();
      draw();
      part.querySelector(".answer:last-of-type textarea")?.focus();
    });
    return h("p", { class: "more-answers" }, select);
  }
}
