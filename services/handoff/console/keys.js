/** Keyboard shortcuts: single keys, off while somebody types, and off for good on request. */
import { h } from "./shared/dom.js";
import { t } from "./shared/words.js";
import { keep, kept } from "./shared/kept.js";
import { ask } from "./shared/parts.js";

const LIST = [
  [["?"], "key_help"], [["c"], "key_claim"], [["j", "k"], "key_move"], [["1", "9"], "key_own"], [["f"], "key_search"],
  [["r"], "key_reply"], [["/"], "key_canned"], [["n"], "key_note"], [["t"], "key_transfer"], [["b"], "key_return"],
  [["x"], "key_close"], [["Esc"], "key_escape"],
];
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const isOn = () => kept("keys", ["off"]) === null;

/** Calls `actions[key]` for a pressed key until `stop`; Escape works while typing too. */
function shortcuts(actions) {
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

/** The keys of the desk; `view()` is the case that is open. */
export function deskKeys({ step, escape, claimNext, search, view, own }) {
  return shortcuts({
    "?": showShortcuts, j: () => step(1), k: () => step(-1), c: claimNext, f: search, Escape: escape,
    r: () => view()?.focusReply(), n: () => view()?.note(), t: () => view()?.transfer(), b: () => view()?.giveBack(),
    x: () => view()?.close(), ...Object.fromEntries(DIGITS.map((n) => [String(n), () => own(n)])),
  });
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
