/** Small parts that every page has: fields, dialogs, the choice of language. */
import { h } from "./dom.js";
import { choose, language, LANGUAGES, t } from "./words.js";

let ids = 0;

/** An id that no other element of the page has. */
export const fresh = (name) => `${name}-${(ids += 1)}`;

/** The choice of language; `again` draws the screen anew. */
export function languageChoice(again) {
  const options = Object.entries(LANGUAGES).map(([code, name]) =>
    h("option", { value: code, lang: code, selected: code === language() }, name));
  const select = h("select", { id: "language" }, options);
  select.addEventListener("change", () => {
    choose(select.value);
    again();
    document.getElementById("language")?.focus();
  });
  return h("p", { class: "language" }, h("label", { for: "language" }, t("language")), select);
}

/** A labelled field. */
export function field(label, control, { hint = "", unseen = false } = {}) {
  control.id ||= fresh("field");
  const note = hint ? h("span", { class: "hint", id: `${control.id}-hint` }, hint) : null;
  if (note) control.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" },
    h("label", { for: control.id, class: unseen ? "unseen" : null }, label), control, note);
}

/** Nothing here, and what to do about it. */
export function empty(...content) {
  return h("div", { class: "empty" }, content);
}

/** A button that opens what stands below it; Escape, or a press elsewhere, shuts it again. */
export function disclosure(button, panel) {
  panel.id ||= fresh("panel");
  button.setAttribute("aria-controls", panel.id);
  const node = h("div", { class: "disclosure" }, button, panel);
  const show = (isOpen) => {
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
  };
  const elsewhere = (event) => {
    if (!node.isConnected) document.removeEventListener("pointerdown", elsewhere);
    else if (!node.contains(event.target)) show(false);
  };
  button.addEventListener("click", () => show(panel.hidden));
  document.addEventListener("pointerdown", elsewhere);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    show(false);
    button.focus();
  });
  show(false);
  return node;
}

/** A modal dialog; resolves to the pressed button's value and the form's data, or to null. */
export function ask(title, content, buttons) {
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" });
  // Enter in a dialog presses its first submit button: that must not be the one that cancels.
  const rows = buttons.map(({ value, text, kind, focus }) => (value
    ? h("button", { type: "submit", value, class: kind, autofocus: focus }, text)
    : h("button", { type: "button", class: kind, autofocus: focus, onclick: () => dialog.close() }, text)));
  const form = h("form", { method: "dialog" },
    h("h2", { id: "dialog-title" }, title), content, h("p", { class: "buttons" }, rows));
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue ? { value: dialog.returnValue, data: new FormData(form) } : null);
    });
  });
}

/** Asks once more before something is given up; resolves to whether it is. */
export async function confirmed(title, lead, yes, kind = "danger") {
  const answer = await ask(title, h("p", {}, lead), [
    { value: "", text: t("cancel"), focus: true },
    { value: "yes", text: yes, kind },
  ]);
  return answer !== null;
}
