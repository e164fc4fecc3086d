/** The two lists at the side: the agent's own cases and the queue, with waiting times that run. */
import { h, keyed, say } from "./dom.js";
import { clock, duration, languageName, pick, t } from "./i18n.js";

const LONG_SECONDS = 300;
const TOO_LONG_SECONDS = 900;

/** A list of cases under a heading; `update(cases)` and `tick(now)` keep it true. */
export function caseList({ id, title, empty, severalShops, open, claim }) {
  const list = h("ul", { class: "cases" });
  const count = h("span", { class: "count" });
  const note = h("p", { class: "quiet" }, t("queue_loading"));
  const node = h("section", { class: "list", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title, " ", count), note, list);
  let shown = [];
  let current = null;
  const show = keyed(list, (item) => item.case_id, (item) => row(item));

  function row(first) {
    const parts = rowParts(first, severalShops);
    parts.opener.addEventListener("click", () => open(first.case_id));
    parts.claimer?.addEventListener("click", () => claim(first.case_id));
    return parts;
  }

  function mark(caseId) {
    current = caseId;
    for (const item of list.children) {
      const opener = item.querySelector(".open");
      if (item.dataset.id === caseId) opener.setAttribute("aria-current", "true");
      else opener.removeAttribute("aria-current");
    }
  }

  return {
    node,
    mark,
    get cases() {
      return shown;
    },
    update(cases) {
      shown = cases;
      show(cases);
      say(count, cases.length ? String(cases.length) : "");
      say(note, cases.length ? "" : empty);
      note.hidden = cases.length > 0;
      mark(current);
    },
    tick(now) {
      for (const item of list.querySelectorAll("time")) tickOne(item, now);
    },
    focus: () => list.querySelector(".open")?.focus(),
  };
}

function rowParts(first, severalShops) {
  const waits = first.status === "queued";
  const title = h("span", { class: "title" });
  const meta = h("span", { class: "meta" });
  const time = waits ? h("time", { "data-since": first.queued_at }) : null;
  const unread = h("span", { class: "unread", hidden: true }, t("unread"));
  const opener = h("button", { type: "button", class: "open" },
    h("span", { class: "line" }, title, unread), meta,
    waits ? h("span", { class: "wait" }, `${t("waited")} `, time) : null);
  const claimer = waits ? h("button", { type: "button", class: "claim" }, t("claim")) : null;
  const update = (item) => {
    const name = pick(item.title, item.topic);
    say(title, name);
    say(meta, describe(item, severalShops));
    unread.hidden = !item.unread || waits;
    claimer?.setAttribute("aria-label", t("claim_named", name));
  };
  return { node: h("li", { "data-id": first.case_id }, opener, claimer), opener, claimer, update };
}

function describe(item, severalShops) {
  const place = item.position ? t("position", item.position) : null;
  const shop = severalShops ? item.merchant.name : null;
  const since = item.status === "assigned" ? t("since", clock(item.assigned_at)) : null;
  return [place, item.skill, languageName(item.language), since, shop].filter(Boolean).join(" · ");
}

function tickOne(node, now) {
  const seconds = (now - Date.parse(node.dataset.since)) / 1000;
  say(node, duration(seconds));
  node.classList.toggle("long", seconds >= LONG_SECONDS);
  node.classList.toggle("too-long", seconds >= TOO_LONG_SECONDS);
}
