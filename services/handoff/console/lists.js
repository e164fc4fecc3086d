/** The lists at the side: the agent's own cases, the queue, the left messages. */
import { h, say } from "./shared/dom.js";
import { keyed } from "./keyed.js";
import { row } from "./row.js";
import { t } from "./shared/words.js";

/** A list of cases that can be folded; `update(cases)`, `tick(now)` and `typing(id)` keep it true. */
export function caseList({ id, title, empty, ...ways }) {
  const list = h("ul", { class: "cases", id: `${id}-list` });
  const count = h("span", { class: "count" });
  const note = h("p", { class: "quiet" }, t("queue_loading"));
  const fold = h("button", { type: "button", class: "fold", "aria-expanded": "true", "aria-controls": `${id}-list`,
    onclick: () => unfold(list.hidden) }, title, " ", count);
  const node = h("section", { class: "list", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, fold), note, list);
  const rows = new Map();
  let shown = [];
  let marked = null;
  const show = keyed(list, (item) => item.case_id, (item) => {
    const made = row(item, ways);
    rows.set(item.case_id, made);
    return made;
  });

  function unfold(isOpen) {
    list.hidden = !isOpen;
    fold.setAttribute("aria-expanded", String(isOpen));
  }

  function mark(caseId) {
    rows.get(marked)?.opener.removeAttribute("aria-current");
    rows.get(caseId)?.opener.setAttribute("aria-current", "true");
    marked = caseId;
  }

  return {
    node,
    mark,
    get cases() {
      return shown;
    },
    update(cases) {
      shown = cases;
      const ids = new Set(cases.map((item) => item.case_id));
      for (const known of rows.keys()) ids.has(known) || rows.delete(known);
      show(cases);
      say(count, cases.length ? String(cases.length) : "");
      note.hidden = cases.length > 0;
      say(note, cases.length ? "" : empty);
      mark(marked);
    },
    tick: (now) => rows.forEach((one) => one.tick(now)),
    typing: (caseId) => rows.get(caseId)?.typing(),
    focus: () => (list.querySelector(".open") ?? fold).focus(),
    reveal: (caseId) => rows.get(caseId)?.node.scrollIntoView({ block: "nearest" }),
  };
}
