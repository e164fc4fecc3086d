/** The statistics page: opens with a key, shows the figures of the address, and keeps them fresh. */
import { figuresOf } from "./api.js";
import { barFor } from "./bar.js";
import { boardFor } from "./board.js";
import { doorFor } from "./door.js";
import { arriving, keep, kept } from "./key.js";
import { liveliness } from "./live.js";
import { placeOf, searchOf } from "./place.js";
import { h } from "./shared/dom.js";
import { language, t, teach } from "./shared/words.js";
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";

const root = document.getElementById("root");
const state = { place: placeOf(location.search), token: "", figures: null, got: 0, problem: null, round: 0, isLive: true, link: "joining", wasZone: false };
let screen = null;
let news = null;

teach({ nb, sv, da, fi, en });
start();

function start() {
  take(arriving());
  if (state.token) history.replaceState(null, "", searchOf(state.place));
  addEventListener("popstate", () => arrive(placeOf(location.search)));
  addEventListener("resize", () => screen?.board.draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => screen?.board.draw());
  document.addEventListener("visibilitychange", () => document.hidden || !state.isLive || refresh());
  setInterval(showAge, 1000);
  open();
}

/** Uses a key where the address names its shop, or none. */
function take({ merchant, token }) {
  if (state.place.shop && state.place.shop !== merchant) return;
  state.place.shop = merchant;
  state.token = token;
}

/** Draws the page anew: the door, or the screen behind it. */
function open() {
  document.documentElement.lang = language();
  document.title = t("page_name");
  news?.halt();
  if (!state.token) {
    screen = news = null;
    doorFor(root, { shop: state.place.shop, problem: state.problem, enter, again: open });
    return;
  }
  news = liveliness(state.place, state.token, { refresh, tell });
  draw();
  refresh();
  if (state.isLive) news.go();
}

function draw() {
  const bar = barFor({ place: state.place, isLive: state.isLive, go, pause, leave, again: open });
  const problem = h("div", { class: "trouble", role: "alert" });
  const loading = h("p", { class: "empty", role: "status" }, t("checking"));
  const board = boardFor();
  root.replaceChildren(bar.node, h("main", { id: "main", tabindex: "-1" }, problem, loading, board.node));
  screen = { bar, problem, loading, board, said: "" };
  tell(state.isLive ? state.link : "paused");
  show();
}

function enter(shop, token) {
  Object.assign(state, { place: { ...state.place, shop, zone: "" }, token, problem: null, figures: null });
  keep(state.place.shop, state.token);
  history.replaceState(null, "", searchOf(state.place));
  open();
}

function leave() {
  Object.assign(state, { token: "", figures: null, problem: null });
  state.round += 1;
  keep(state.place.shop, state.token);
  open();
}

/** Goes to another period: a step that the browser's back button takes back. */
function go(changes) {
  Object.assign(state, { place: { ...state.place, ...changes }, wasZone: false });
  history.pushState(null, "", searchOf(state.place));
  refresh();
}

/** Comes back to a place by the browser's buttons. */
function arrive(place) {
  if (place.shop !== state.place.shop) state.token = "";
  state.place = place;
  take(kept());
  open();
}

function pause() {
  state.isLive = !state.isLive;
  if (state.isLive) {
    news.go();
    refresh();
  } else {
    news.halt();
    tell("paused");
  }
}

/** How the news come: said in the bar. */
function tell(name) {
  if (name !== "paused") state.link = name;
  screen?.bar.live(state.isLive ? name : "paused", state.isLive);
}

async function refresh() {
  const round = ++state.round;
  screen.board.node.setAttribute("aria-busy", "true");
  const { figures, problem } = await figuresOf(state.place, state.token);
  // A later question was asked meanwhile: its answer counts.
  if (round !== state.round) return;
  screen.board.node.removeAttribute("aria-busy");
  state.problem = problem ?? null;
  if (figures) Object.assign(state, { figures, got: performance.now() });
  if (problem === "wrong") return shut();
  if (figures) settle(figures.period.time_zone);
  keep(state.place.shop, state.token);
  show();
}

function shut() {
  Object.assign(state, { token: "", figures: null });
  keep(state.place.shop, state.token);
  open();
}

/** The address says the zone that the days are counted in; a link that says another one is put right. */
function settle(zone) {
  if (state.place.zone && state.place.zone !== zone) state.wasZone = true;
  state.place.zone = zone;
  history.replaceState(null, "", searchOf(state.place));
}

function show() {
  const { figures, problem } = state;
  screen.loading.hidden = Boolean(figures || problem);
  showProblem(problem ?? (state.wasZone ? "zone" : null));
  if (!figures) return;
  document.title = `${t("page_name")} · ${figures.merchant.name}`;
  screen.bar.name(`${figures.merchant.name} · ${figures.period.time_zone}`);
  screen.bar.days(figures.period.from, figures.period.to);
  screen.board.show(figures);
  showAge();
}

function showProblem(problem) {
  if (screen.said === problem) return;
  screen.said = problem;
  const texts = {
    period: [t("period_title"), t("period_fix")], zone: [t("zone_title"), t("zone_fix")],
    other: [t("other_title"), t("other_fix")], lost: [t("lost_title"), t("lost_fix")],
  }[problem];
  const again = ["other", "lost"].includes(problem) ? h("button", { type: "button", onclick: refresh }, t("retry")) : null;
  screen.problem.replaceChildren(...(texts ? [h("strong", {}, texts[0]), h("span", {}, texts[1]), ...(again ? [again] : [])] : []));
}

function showAge() {
  if (!state.figures || !screen) return;
  const then = state.figures.last_counted_seconds_ago;
  screen.board.age(then === null ? null : then + (performance.now() - state.got) / 1000, ["other", "lost"].includes(state.problem));
}
