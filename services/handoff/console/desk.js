/** The agent's desk: lists at the side, one case open, kept true by notices and a look every 5 s. */
import { alertOf } from "./alerts.js";
import { api } from "./api.js";
import { bar } from "./bar.js";
import { caseView } from "./caseview.js";
import { watchHands } from "./hands.js";
import { deskKeys } from "./keys.js";
import { link } from "./link.js";
import { caseList } from "./lists.js";
import { newsOf } from "./news.js";
import { NO_PRESENCE, presenceControl } from "./presence.js";
import { search } from "./search.js";
import { h, say } from "./shared/dom.js";
import { empty } from "./shared/parts.js";
import { t } from "./shared/words.js";

const NOTICE_PAUSE_MS = 120;
const USED_MS = 60_000;
const TOLD_MS = 6000;

/**
 * Shows the desk until `stop`; `leave(why)` asks for the log-in form, `again` redraws, `places` are other
 * screens. `drafts` and `outbox` outlive it.
 */
export function deskScreen(root, agent, { drafts, outbox, places, leave, again }) {
  const said = h("p", { class: "unseen", role: "status" });
  const offline = h("p", { class: "offline", role: "alert", hidden: true }, t("offline_bar"));
  const toast = h("p", { class: "toast", role: "status", hidden: true });
  const trouble = h("p", { class: "toast bad", role: "alert", hidden: true });
  const place = h("section", { class: "place", "aria-label": t("open_case") });
  const desk = {
    agent, drafts, outbox, refresh, back, trouble: failed, takes: (id) => taken.add(id),
    announce: (text) => say(said, text), tell: (text) => flash(toast, text),
    shop: (id) => agent.merchants.find((shop) => shop.id === id),
  };
  const ways = {
    severalShops: agent.merchants.length > 1, open, claim, mayClaim: (item) => agent.rights[item.merchant.id].includes("reply"),
  };
  const list = (id, title) => caseList({ id, title: t(title), empty: t(`${id}_empty`), ...ways });
  const lists = { mine: list("mine", "my_cases"), waiting: list("queue", "queue"), filed: list("filed", "filed") };
  const presence = answers(agent) ? presenceControl(agent, desk) : NO_PRESENCE;
  const hands = watchHands(presence.used);
  const finder = search({ open, trouble: failed });
  const top = bar(agent, { presence: presence.node, places, again, logOut });
  const layout = h("main", { class: "desk" },
    h("div", { class: "side" }, finder.node, Object.values(lists).map((one) => one.node)), place);
  root.replaceChildren(top.node, offline, layout, said, toast, trouble);
  root.style.setProperty("--shop", agent.merchants[0]?.colour ?? "");

  const taken = new Set();
  const hiding = new Map();
  let view = null;
  let offset = 0;
  let isAway = false;
  let soon = 0;
  let caseToo = false;
  let before = null;
  let asked = 0;
  let shown = 0;

  function open(caseId) {
    if (view?.caseId !== caseId || view.isGone) view = caseView(place, caseId, desk);
    layout.classList.add("has-place");
    mark(caseId);
    history.replaceState(null, "", `#case/${caseId}`);
    return view.refresh();
  }

  function rest() {
    view = null;
    layout.classList.remove("has-place");
    mark(null);
    history.replaceState(null, "", location.pathname);
    place.replaceChildren(empty(h("h2", {}, t("select_case")), h("p", {}, t("select_case_lead"))));
  }

  function back() {
    rest();
    (lists.mine.cases.length ? lists.mine : lists.waiting).focus();
  }

  function mark(caseId) {
    for (const one of Object.values(lists)) one.mark(caseId);
  }

  async function claim(caseId) {
    await open(caseId);
    await view?.claim();
  }

  /** Shows the lists as they are now; an older answer that comes later is not shown. */
  async function refresh(quiet = false) {
    const turn = (asked += 1);
    try {
      const found = await api.queue(quiet);
      if (turn < shown) return;
      shown = turn;
      isAway = false;
      offset = Date.parse(found.now) - Date.now();
      for (const [name, one] of Object.entries(lists)) one.update(found[name]);
      presence.update(found.mine.length);
      tell(found);
      tick();
      outbox.deliverAll();
    } catch (error) {
      failed(error);
    }
    showLink();
  }

  function tell(found) {
    const news = newsOf(before, found, taken);
    const unread = found.mine.filter((item) => item.unread).length;
    document.title = unread ? `(${unread}) Prat` : `Prat · ${t("waiting_n", found.waiting.length)}`;
    if (news.length) desk.announce(news[0].kind === "waiting" ? t("new_in_queue", found.waiting.length) : t(`news_${news[0].kind}`));
    alertOf(news.filter(({ item }) => document.hidden || item.case_id !== view?.caseId), open);
    before = found;
  }

  function failed(error, text) {
    if (error.status === 401) return leave("session_ended");
    isAway = error.status === 0 || error.status >= 500;
    showLink();
    if (text) flash(trouble, text);
  }

  function flash(node, text) {
    say(node, text);
    node.hidden = false;
    clearTimeout(hiding.get(node));
    hiding.set(node, setTimeout(() => { node.hidden = true; }, TOLD_MS));
  }

  function showLink() {
    top.link(isAway ? "no_link" : touch?.isLive ? "live" : "checking");
    offline.hidden = !isAway;
  }

  function tick() {
    for (const one of Object.values(lists)) one.tick(Date.now() + offset);
  }

  /** What the page looks up by itself keeps no session open, unless somebody is at work on it. */
  function look() {
    const quiet = !hands.within(USED_MS);
    refresh(quiet);
    view?.refresh(quiet);
  }

  function noticed(notice) {
    if (notice.type === "bye") return leave("session_ended");
    if (notice.type === "presence") return;
    if (notice.type === "typing") return writes(notice.case_id);
    clearTimeout(soon);
    caseToo ||= notice.case_id === view?.caseId;
    soon = setTimeout(heed, NOTICE_PAUSE_MS);
  }

  function writes(caseId) {
    lists.mine.typing(caseId);
    if (view?.caseId === caseId) view.typing();
  }

  async function heed() {
    // A case that nobody looks at stays unread: opening it is what marks it as read.
    if (caseToo && !document.hidden) await view?.refresh(true);
    caseToo = false;
    await refresh(true);
  }

  async function logOut() {
    await api.logOut().catch(failed);
    leave(null);
  }

  function step(by) {
    const all = Object.values(lists).flatMap((one) => one.cases.map((item) => [item.case_id, one]));
    const now = all.findIndex(([caseId]) => caseId === view?.caseId);
    const [caseId, one] = all[Math.min(all.length - 1, Math.max(0, now + by))] ?? [];
    if (!caseId) return;
    one.reveal(caseId);
    open(caseId);
  }

  function escape() {
    if (view?.uncover()) return;
    if (document.activeElement?.closest(".composer, .note-box")) place.querySelector("h2")?.focus();
    else if (view) back();
  }

  function claimNext() {
    if (view) return view.claim();
    const [first] = [...lists.waiting.cases, ...lists.filed.cases];
    return first && claim(first.case_id);
  }

  const keys = deskKeys({
    step, escape, claimNext, search: finder.focus, view: () => view, own: (n) => {
      const item = lists.mine.cases[n - 1];
      if (item) open(item.case_id);
    },
  });
  const timer = setInterval(tick, 1000);
  const touch = link({ look, noticed, changed: showLink });
  const wanted = location.hash.match(/^#case\/([0-9a-f-]{36})$/)?.[1];
  refresh();
  if (wanted) open(wanted);
  else rest();

  return {
    stop() {
      keys.stop();
      touch.stop();
      hands.stop();
      presence.stop();
      clearInterval(timer);
      clearTimeout(soon);
    },
  };
}

const answers = ({ presence, rights }) => presence && Object.values(rights).some((held) => held.includes("reply"));
