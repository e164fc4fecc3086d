/** A list of short texts: one field each, a box that takes many at once. */
import { h, say } from "./shared/dom.js";
import { fresh } from "./shared/parts.js";
import { t } from "./shared/words.js";

/** Edits `values`; `changed` gets the new list. `most` limits how many there are. */
export function lineEditor({ label, hint, add, values, changed, name, language, most = Infinity }) {
  const id = fresh("lines");
  const count = h("span", { class: "count" });
  const rows = h("ol", { class: "lines" });
  const box = h("textarea", { id, rows: 1, lang: language, placeholder: add, "aria-label": add, maxlength: 20000,
    oninput: () => { box.rows = Math.min(8, box.value.split("\n").length); } });
  const more = h("div", { class: "more" }, box, h("button", { type: "button", onclick: () => addAll() }, t("add")));
  let lines = [...values];

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    addAll();
  });
  draw();
  return h("section", { class: "part", "aria-label": label },
    h("h3", {}, label, " ", count), hint ? h("p", { class: "hint" }, hint) : null, rows, more);

  function draw() {
    say(count, String(lines.length));
    more.hidden = lines.length >= most;
    rows.replaceChildren(...lines.map(row));
  }

  function row(text, index) {
    const input = h("input", { value: text, lang: language, maxlength: 300, "aria-label": t(name, index + 1) });
    input.addEventListener("input", () => {
      lines[index] = input.value;
      changed([...lines]);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        (rows.children[index + 1]?.querySelector("input") ?? box).focus();
      } else if (event.key === "Backspace" && input.value === "") {
        event.preventDefault();
        remove(index);
      }
    });
    const gone = h("button", { type: "button", class: "icon", "aria-label": t("remove_item", text), onclick: () => remove(index) }, "×");
    return h("li", {}, input, gone);
  }

  function remove(index) {
    lines.splice(index, 1);
    changed([...lines]);
    draw();
    (rows.children[Math.max(0, index - 1)]?.querySelector("input") ?? box).focus();
  }

  function addAll() {
    const known = new Set(lines.map((line) => line.toLowerCase()));
    const given = box.value.split("\n").map((line) => line.replace(/^\s*(?:[-*•]\s+)?/, "").trim());
    const found = given.filter((line) => line && !known.has(line.toLowerCase()) && known.add(line.toLowerCase()));
    lines = [...lines, ...found].slice(0, most);
    box.value = "";
    box.rows = 1;
    changed([...lines]);
    draw();
    box.focus();
    rows.lastElementChild?.scrollIntoView({ block: "nearest" });
  }
}
