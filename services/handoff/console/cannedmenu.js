/** The menu of ready answers over the answer box: typed by `/`, chosen by arrows and Enter. */
import { filled, fitting, slashed } from "./canned.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";

/** The menu for `box`; `keys(event)` says whether it took a key, `put` takes `{ text, caret }`. */
export function cannedMenu(box, replies, put) {
  const list = h("ul", { class: "canned", id: "canned", role: "listbox", "aria-label": t("canned"), hidden: true });
  const told = h("p", { class: "unseen", role: "status" });
  let shown = [];
  let at = 0;

  function look() {
    if (!replies.length) return;
    const wanted = slashed(box.value, box.selectionStart);
    show(wanted === null ? [] : fitting(replies, wanted), wanted !== null);
  }

  function show(found, isWanted) {
    shown = found;
    at = 0;
    list.replaceChildren(...found.map((reply, index) =>
      h("li", { id: `canned-${index}`, role: "option", onpointerdown: (event) => {
        event.preventDefault();
        take(reply);
      } }, h("kbd", {}, `/${reply.key}`), h("span", {}, reply.text))));
    list.hidden = !found.length;
    say(told, isWanted ? (found.length ? t("canned_n", found.length) : t("canned_none")) : "");
    point();
  }

  function point() {
    [...list.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === at)));
    if (list.hidden) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `canned-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function take(reply) {
    put(filled(box.value, box.selectionStart, reply.text));
    show([], false);
  }

  const actions = {
    ArrowDown: () => { at = (at + 1) % shown.length; point(); },
    ArrowUp: () => { at = (at + shown.length - 1) % shown.length; point(); },
    Enter: () => take(shown[at]),
    Tab: () => take(shown[at]),
    Escape: () => show([], false),
  };

  if (replies.length) {
    // It stays a text box of several lines, which may not be called a combobox.
    for (const [name, value] of [["haspopup", "listbox"], ["autocomplete", "list"], ["controls", "canned"]]) {
      box.setAttribute(`aria-${name}`, value);
    }
  }
  return {
    node: h("div", { class: "canned-place" }, list, told),
    look,
    close: () => list.hidden || show([], false),
    keys(event) {
      if (list.hidden || event.isComposing || !(event.key in actions)) return false;
      event.preventDefault();
      event.stopPropagation();
      actions[event.key]();
      return true;
    },
  };
}
