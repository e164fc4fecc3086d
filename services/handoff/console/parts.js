/** Small parts that several screens share. */
import { h } from "./dom.js";
import { choose, language, LANGUAGES, t } from "./i18n.js";

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

/** A modal dialog; resolves to the pressed button's value, or to null. Focus returns by itself. */
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

/** Asks why a case ends; resolves to the reason, or to null. */
export async function askReason() {
  const reasons = ["solved", "unsolved", "abandoned"].map((reason, index) =>
    h("label", { class: "choice" },
      h("input", { type: "radio", name: "reason", value: reason, checked: index === 0 }),
      t(`reason_${reason}`)));
  const content = h("div", {}, h("p", {}, t("close_lead")),
    h("fieldset", {}, h("legend", { class: "unseen" }, t("close_title")), reasons));
  const answer = await ask(t("close_title"), content, [
    { value: "", text: t("cancel") },
    { value: "close", text: t("close_now"), kind: "primary" },
  ]);
  return answer && answer.data.get("reason");
}

/** Asks once more before everything is deleted. */
export async function confirmErasure() {
  const answer = await ask(t("erase_title"), h("p", {}, t("erase_lead")), [
    { value: "", text: t("cancel"), focus: true },
    { value: "erase", text: t("erase_now"), kind: "danger" },
  ]);
  return answer !== null;
}
