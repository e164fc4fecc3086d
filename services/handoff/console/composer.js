/** The answer box: Enter sends, Shift + Enter makes a new line; drafts outlive a look elsewhere. */
import { h, say } from "./dom.js";
import { t } from "./i18n.js";

const MAX_BYTES = 8 * 1024;
const encoder = new TextEncoder();

/** Calls `onSend` with a text that may be sent; `onText` hears of every change. */
export function composer({ draft, onText, onSend }) {
  const text = h("textarea", { id: "reply", rows: "3", "aria-describedby": "reply-hint" });
  const hint = h("p", { id: "reply-hint", class: "quiet" }, t("reply_hint"));
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, t("send"));
  const node = h("form", { class: "composer", hidden: true },
    h("label", { for: "reply" }, t("reply")), text, problem,
    h("div", { class: "line" }, hint, button));
  text.value = draft ?? "";

  function tooLong() {
    return Math.max(0, encoder.encode(text.value.trim()).length - MAX_BYTES);
  }

  function changed() {
    onText(text.value);
    say(problem, tooLong() ? t("too_long", tooLong()) : "");
  }

  function send(event) {
    event.preventDefault();
    const said = text.value.trim();
    if (!said || tooLong()) return;
    text.value = "";
    changed();
    onSend(said);
    text.focus();
  }

  text.addEventListener("input", changed);
  text.addEventListener("keydown", (event) => {
    // During composition (dead keys, input methods) Enter belongs to the input method.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  node.addEventListener("submit", send);
  return { node, focus: () => text.focus() };
}
