/** Keyboard shortcuts: single keys, off while somebody types, and off for good on request. */
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { keep, kept } from "./kept.js";
import { ask } from "./parts.js";

const LIST = [
  [["?"], "key_help"], [["c"], "key_claim"], [["j", "k"], "key_move"], [["1", "9"], "key_own"],
  [["r"], "key_reply"], [["x"], "key_close"], [["Esc"], "key_escape"],
];

const isOn = () => kept("keys", ["off"]) === null;

/** Calls `actions[key]` for a pressed key until `stop`; Escape works while typing too. */
export function shortcuts(actions) {
  const listener = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog")) return;
    const typing = event.target.closest("input, textarea, select") !== null;
    const action = event.key === "Escape" ? actions.Escape : actions[event.key];
    if (!action || (event.key !== "Escape" && (typing || !isOn()))) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", listener);
  return { stop: () => document.removeEventListener("keydown", listener) };
}

/** The list of shortcuts, with the switch. */
export async function showShortcuts() {
  const rows = LIST.map(([keys, text]) => h("div", {},
    h("dt", {}, keys.map((key) => h("kbd", {}, key))), h("dd", {}, t(text))));
  const on = h("input", { type: "checkbox", checked: isOn() });
  on.addEventListener("change", () => keep("keys", on.checked ? "on" : "off"));
  const content = h("div", {}, h("dl", { class: "keys" }, rows),
    h("label", { class: "choice" }, on, t("keys_on")), h("p", { class: "quiet" }, t("keys_note")));
  await ask(t("shortcuts"), content, [{ value: "", text: t("done"), kind: "primary" }]);
}
