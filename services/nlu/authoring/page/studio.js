/** The studio: the bar, the list of topics, and the screen that the address names. */
import { api, at } from "./api.js";
import { h, say } from "./shared/dom.js";
import { factsScreen } from "./facts.js";
import { clock, moment, t } from "./shared/words.js";
import { topicList } from "./list.js";
import { mark } from "./parts.js";
import { ask, confirmed, empty, languageChoice } from "./shared/parts.js";
import { previewScreen } from "./preview.js";
import { publishScreen } from "./publish.js";
import { topicScreen } from "./topic.js";
import { trialScreen } from "./trial.js";
import { versionsScreen } from "./versions.js";

const SCREENS = {
  topic: topicScreen, facts: factsScreen, test: trialScreen, preview: previewScreen,
  publish: publishScreen, versions: versionsScreen,
};
const PLACES = ["test", "preview", "publish", "versions"];

/** What the address says beside the screen, such as examples from the inbox. */
const asked = (hash) => new URLSearchParams(hash.split("?")[1]);

/** Shows the studio; `leave` ends the session on the screen, `again` draws it anew. */
export function studioScreen(root, { editor, gateway }, { leave, again }) {
  at.shop = asked(location.hash).get("shop") ?? at.shop;
  at.shop = editor.merchants.some(({ id }) => id === at.shop) ? at.shop : editor.merchants[0]?.id ?? null;
  const shop = editor.merchants.find(({ id }) => id === at.shop);
  const studio = { shop, gateway, overview: null, refresh, run, saved, tell, go };
  const state = h("p", { class: "draft-state", role: "status" });
  const undo = h("button", { type: "button", disabled: true, onclick: () => undoLast() }, t("undo"));
  const toast = h("p", { class: "toast", role: "status", hidden: true });
  const place = h("main", { class: "place", tabindex: "-1" });
  const list = topicList(studio);
  const side = h("nav", { class: "side", "aria-label": t("menu") }, list.node);
  const tabs = PLACES.map((name) => h("a", { href: `#/${name}` }, t(name)));
  const desk = h("div", { class: "desk" }, side, place);
  let screen = null;
  let drawn = 0;

  root.replaceChildren(bar(), desk, toast);
  root.style.setProperty("--shop", shop?.colour ?? "");
  document.title = `Prat · ${shop?.name ?? ""}`;
  addEventListener("hashchange", route);
  addEventListener("keydown", keys);
  addEventListener("beforeunload", warn);
  run(refresh).then(route);
  return { stop };

  function bar() {
    const shops = editor.merchants.map(({ id, name }) => h("option", { value: id, selected: id === at.shop }, name));
    const choice = h("select", { "aria-label": t("shop"), onchange: () => other(choice.value) }, shops);
    return h("header", { class: "bar" },
      h("div", { class: "brand" }, h("h1", {}, "Prat"), editor.merchants.length > 1 ? choice : h("span", {}, shop?.name)),
      state, undo,
      h("nav", { class: "tabs", "aria-label": "Prat" }, tabs),
      h("div", { class: "tools" }, h("span", { class: "me" }, editor.name), languageChoice(again),
        h("button", { type: "button", onclick: logOut }, t("log_out"))));
  }

  async function other(id) {
    if (!(await left())) return;
    at.shop = id;
    location.hash = "";
    again();
  }

  /** Asks the server how the draft stands, and shows it everywhere. */
  async function refresh() {
    studio.overview = await api.overview();
    showState();
    list.show(studio.overview);
  }

  function showState() {
    const { stored, who, changed_at: changed, undoable } = studio.overview;
    say(state, stored ? t("draft_changed_by", who.split("@")[0], clock(changed)) : t("draft_none"));
    state.classList.toggle("stored", stored);
    state.title = stored ? t("draft_changed_by", who, moment(changed)) : "";
    undo.disabled = !undoable;
  }

  /** After a change that the server has kept. */
  async function saved(text = t("saved")) {
    await refresh();
    tell(text);
  }

  /** Does something and explains what goes wrong; resolves to the outcome, or undefined. */
  async function run(work) {
    try {
      return await work();
    } catch (error) {
      await explain(error);
      return undefined;
    }
  }

  async function explain(error) {
    if (error.status === 401) return leave("session_ended");
    if (error.code === "draft_changed") return conflict(error);
    const own = ["no_answer", "topic_exists", "nothing_to_undo"].includes(error.code) ? t(error.code) : "";
    tell(own || [t("failed"), error.said, error.fix].filter(Boolean).join(" "), true);
    if (error.status === undefined) throw error;
    return undefined;
  }

  async function conflict({ said }) {
    const who = /by (\S+)\.$/.exec(said)?.[1];
    const answer = await ask(t("conflict_title"), h("p", {}, t("conflict_lead", who)), [
      { value: "", text: t("cancel") }, { value: "load", text: t("load_newest"), kind: "primary" },
    ]);
    if (!answer) return;
    await refresh();
    screen?.forget?.();
    await route();
  }

  function tell(text, bad = false) {
    toast.hidden = false;
    toast.classList.toggle("bad", bad);
    toast.setAttribute("role", bad ? "alert" : "status");
    say(toast, text);
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => { toast.hidden = true; }, bad ? 9000 : 3000);
  }

  function go(hash) {
    if (location.hash === hash) route();
    else location.hash = hash;
  }

  /** Whether the screen may be left: what is not saved is saved first. */
  async function left() {
    return !screen?.dirty?.() || (await screen.save());
  }

  async function route() {
    if (!studio.overview) return;
    const given = asked(location.hash);
    const [wanted] = location.hash.split("?");
    // What another page gave leaves the address bar: it is not to be taken twice, nor kept in a bookmark.
    if (wanted !== location.hash) history.replaceState(null, "", wanted);
    if (screen && screen.hash !== wanted && !(await left())) return history.replaceState(null, "", screen.hash);
    const [, name, key] = wanted.split("/");
    const turn = (drawn += 1);
    screen?.stop?.();
    screen = null;
    desk.classList.toggle("has-place", Boolean(name));
    tabs.forEach((tab, index) => mark(tab, PLACES[index] === name));
    tabs[PLACES.indexOf(name)]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    list.mark(name === "topic" ? key : name);
    if (!(name in SCREENS)) return welcome();
    place.replaceChildren(h("p", { class: "wait" }, t("loading")));
    const made = await run(() => SCREENS[name](studio, key && decodeURIComponent(key), given));
    if (turn !== drawn) return made?.stop?.();
    if (!made) return place.replaceChildren();
    screen = Object.assign(made, { hash: wanted });
    const back = h("a", { class: "back", href: "#" }, `‹ ${t("menu")}`);
    const behind = studio.overview.behind && studio.overview.stored;
    place.replaceChildren(back, behind ? h("p", { class: "warning" }, t("draft_behind")) : "", made.node);
    made.ready?.();
    place.scrollTop = 0;
    if (document.activeElement === document.body) made.node.querySelector("h2")?.focus();
  }

  function welcome() {
    place.replaceChildren(empty(h("p", {}, t("choose_topic")),
      h("a", { class: "button primary", href: "#/facts" }, t("facts")), h("p", { class: "quiet" }, t("shortcuts"))));
  }

  async function undoLast() {
    if (!(await left())) return;
    await run(async () => {
      await api.undo();
      screen?.forget?.();
      await saved(t("undone"));
      await route();
    });
  }

  function keys(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const typing = event.target.closest?.("input, textarea, select, prat-chat");
    if (event.key === "s") {
      event.preventDefault();
      if (screen?.dirty?.()) screen.save();
    } else if (event.key === "z" && !event.shiftKey && !typing && !undo.disabled) {
      event.preventDefault();
      undoLast();
    }
  }

  function warn(event) {
    if (screen?.dirty?.()) event.preventDefault();
  }

  async function logOut() {
    if (screen?.dirty?.() && !(await confirmed(t("log_out"), t("save_first"), t("log_out")))) return;
    await api.logOut().catch(() => null);
    leave(null);
  }

  function stop() {
    screen?.stop?.();
    removeEventListener("hashchange", route);
    removeEventListener("keydown", keys);
    removeEventListener("beforeunload", warn);
  }
}
