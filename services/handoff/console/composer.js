/** The answer box: Enter sends, Shift + Enter makes a new line, `/` offers ready answers. */
import { inserted } from "./canned.js";
import { cannedMenu } from "./cannedmenu.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";

const MAX_BYTES = 8 * 1024;
const TYPING_MS = 3000;
const encoder = new TextEncoder();

/** How many bytes a text has too many to be sent. */
export const tooLong = (text, most = MAX_BYTES) => Math.max(0, encoder.encode(text.trim()).length - most);

/**
 * Calls `onSend` with a text that may be sent, `onText` with every change, and `onTyping` at most every
 * 3 s while somebody types. `replies` are the ready answers, as `{ key, text }`.
 */
export function composer({ draft, replies, onText, onSend, onTyping }) {
  const text = h("textarea", { id: "reply", rows: "3", "aria-describedby": "reply-hint" });
  const hint = h("p", { id: "reply-hint", class: "quiet" }, t(replies.length ? "reply_hint_canned" : "reply_hint"));
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, t("send"));
  const menu = cannedMenu(text, replies, put);
  const node = h("form", { class: "composer", hidden: true },
    h("label", { for: "reply" }, t("reply")), menu.node, text, problem,
    h("div", { class: "line" }, hint, button));
  let told = 0;
  text.value = draft ?? "";

  function changed() {
    onText(text.value);
    const over = tooLong(text.value);
    say(problem, over ? t("too_long", over) : "");
  }

  function typed() {
    changed();
    menu.look();
    if (!text.value.trim() || Date.now() - told < TYPING_MS) return;
    told = Date.now();
    onTyping();
  }

  function put({ text: whole, caret }) {
    text.value = whole;
    text.setSelectionRange(caret, caret);
    changed();
    text.focus();
  }

  function send(event) {
    event.preventDefault();
    const said = text.value.trim();
    if (!said || tooLong(said)) return;
    text.value = "";
    told = 0;
    changed();
    onSend(said);
    text.focus();
  }

  text.addEventListener("input", typed);
  text.addEventListener("blur", menu.close);
  text.addEventListener("keydown", (event) => {
    if (menu.keys(event)) return;
    // During composition (dead keys, input methods) Enter belongs to the input method.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  node.addEventListener("submit", send);
  return {
    node,
    focus: () => text.focus(),
    insert: (said) => put(inserted(text.value, text.selectionStart, said)),
  };
}
