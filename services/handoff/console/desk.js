/** The agent's desk: lists at the side, one case open, kept true by notices and a look every 5 s. */
import { api, listen } from "./api.js";
import { caseView } from "./caseview.js";
import { h, say } from "./dom.js";
import { t } from "./i18n.js";
import { showShortcuts, shortcuts } from "./keys.js";
import { caseList } from "./lists.js";
import { languageChoice } from "./parts.js";

const LOOK_MS = 5000;
const NOTICE_PAUSE_MS = 120;
const CLOSED = 2;

/** Shows the desk until `stop`; `leave(why)` asks for the log-in form, `again` redraws. */
export function deskScreen(root, agent, { drafts, leave, again }) {
  const link = h("p", { class: "link-state", role: "status" });
  const said = h("p", { class: "unseen", role: "status" });
  const trouble = h("p", { class: "toast", role: "alert", hidden: true });
  const place = h("section", { class: "place", "aria-label": t("open_case") });
  const severalShops = agent.merchants.length > 1;
  const common = { severalShops, open, claim };
  const mine = caseList({ id: "mine", title: t("my_cases"), empty: t("mine_empty"), ...common });
  const queue = caseList({ id: "queue", title: t("queue"), empty: t("queue_empty"), ...common });
  const layout = h("main", { class: "desk" }, h("div", { class: "side" }, mine.node, queue.node), place);
  root.replaceChildren(bar(), layout, said, trouble);
  root.style.setProperty("--shop", agent.merchants[0]?.colour ?? "");

  let view = null;
  let offset = 0;
  let stream = null;
  let isAway = false;
  let hiding = 0;
  let soon = 0;
  let caseToo = false;
  let waitingBefore = null;
  let asked = 0;
  let shown = 0;
  const desk = { drafts, refresh, back, announce: (text) => say(said, text), trouble: failed };

  function bar() {
    const shops = agent.merchants.map((shop) => shop.name).join(" · ");
    return h("header", { class: "bar" },
      h("div", { class: "brand" }, h("h1", {}, "Prat"), h("span", {}, shops)), link,
      h("div", { class: "tools" }, languageChoice(again),
        h("button", { type: "button", class: "icon", "aria-label": t("shortcuts"), title: t("shortcuts"),
          onclick: showShortcuts }, "?"),
        h("span", { class: "me" }, agent.name),
        h("button", { type: "button", onclick: logOut }, t("log_out"))));
  }

  function open(caseId) {
    if (view?.caseId !== caseId) view = caseView(place, caseId, desk);
    layout.classList.add("has-case");
    mark(caseId);
    history.replaceState(null, "", `#case/${caseId}`);
    return view.refresh();
  }

  function back() {
    view = null;
    layout.classList.remove("has-case");
    mark(null);
    history.replaceState(null, "", location.pathname);
    place.replaceChildren(h("div", { class: "empty" },
      h("h2", {}, t("select_case")), h("p", {}, t("select_case_lead"))));
    (mine.cases.length ? mine : queue).focus();
  }

  function mark(caseId) {
    mine.mark(caseId);
    queue.mark(caseId);
  }

  async function claim(caseId) {
    await open(caseId);
    await view?.claim();
  }

  /** Shows the lists as they are now; an older answer that comes later is not shown. */
  async function refresh() {
    const turn = (asked += 1);
    try {
      const found = await api.queue();
      if (turn < shown) return;
      shown = turn;
      isAway = false;
      offset = Date.parse(found.now) - Date.now();
      queue.update(found.waiting);
      mine.update(found.mine);
      tell(found);
      tick();
    } catch (error) {
      isAway = error.status === 0 || error.status >= 500;
      if (!isAway) failed(error);
    }
    showLink();
  }

  function tell(found) {
    const unread = found.mine.filter((item) => item.unread).length;
    document.title = unread ? `(${unread}) Prat` : `Prat · ${t("waiting_n", found.waiting.length)}`;
    if (waitingBefore !== null && found.waiting.length > waitingBefore) {
      desk.announce(t("new_in_queue", found.waiting.length));
    }
    waitingBefore = found.waiting.length;
  }

  function failed(error, text) {
    if (error.status === 401) return leave("session_ended");
    isAway = error.status === 0 || error.status >= 500;
    showLink();
    if (!text) return;
    say(trouble, text);
    trouble.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => { trouble.hidden = true; }, 6000);
  }

  function showLink() {
    const state = isAway ? "away" : stream?.readyState === EventSource.OPEN ? "live" : "checking";
    say(link, t(state));
    link.className = `link-state ${state}`;
  }

  function tick() {
    queue.tick(Date.now() + offset);
  }

  function look() {
    if (document.hidden) return;
    if (!stream || stream.readyState === CLOSED) connect();
    refresh();
    view?.refresh();
  }

  function connect() {
    stream = listen(noticed, showLink);
  }

  function noticed(notice) {
    clearTimeout(soon);
    caseToo ||= notice.case_id === view?.caseId;
    soon = setTimeout(heed, NOTICE_PAUSE_MS);
  }

  async function heed() {
    // A case that nobody looks at stays unread: opening it is what marks it as read.
    if (caseToo && !document.hidden) await view?.refresh();
    caseToo = false;
    await refresh();
  }

  async function logOut() {
    await api.logOut().catch(failed);
    leave(null);
  }

  function step(by) {
    const all = [...mine.cases, ...queue.cases];
    const now = all.findIndex((item) => item.case_id === view?.caseId);
    const next = all[Math.min(all.length - 1, Math.max(0, now + by))];
    if (next) open(next.case_id);
  }

  function escape() {
    if (document.activeElement?.closest(".composer")) place.querySelector("h2")?.focus();
    else if (view) back();
  }

  const keys = shortcuts({
    "?": showShortcuts, j: () => step(1), k: () => step(-1), r: () => view?.focusReply(),
    x: () => view?.close(), Escape: escape,
    c: () => (view ? view.claim() : queue.cases[0] && claim(queue.cases[0].case_id)),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
      [String(n), () => mine.cases[n - 1] && open(mine.cases[n - 1].case_id)])),
  });
  const timers = [setInterval(tick, 1000), setInterval(look, LOOK_MS)];
  document.addEventListener("visibilitychange", look);
  connect();
  const wanted = location.hash.match(/^#case\/([0-9a-f-]{36})$/)?.[1];
  refresh();
  if (wanted) open(wanted);
  else back();

  return {
    stop() {
      keys.stop();
      timers.forEach(clearInterval);
      clearTimeout(soon);
      document.removeEventListener("visibilitychange", look);
      stream?.close();
    },
  };
}
