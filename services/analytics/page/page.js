// The statistics page: asks for the figures every five seconds and shows them.

import { makeCards } from "./cards.js";
import { html } from "./dom.js";
import { duration, fill, firstLanguage, LANGUAGES, waited } from "./texts.js";

const EVERY_MS = 5000;
const STALE_SECONDS = 3600;
const USUAL_K = 10;
const KEPT = "prat.statistics";
const $ = (id) => document.getElementById(id);

const state = { merchant: "", token: "", language: "nb", days: "7", figures: null, got: 0, problem: null, round: 0, shown: "" };
const cards = makeCards($("cards"), download);

start();

function start() {
  const kept = JSON.parse(read() ?? "{}");
  const given = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, kept);
  if (given.get("token")) {
    state.merchant = given.get("merchant") ?? "";
    state.token = given.get("token");
    // The key leaves the address bar, so that it is not copied or kept with a bookmark.
    history.replaceState(null, "", location.pathname);
  }
  state.language = firstLanguage(kept.language, navigator.languages);
  $("language").value = state.language;
  $("days").value = state.days;
  $("language").onchange = (event) => change({ language: event.target.value });
  $("days").onchange = (event) => change({ days: event.target.value });
  $("leave").onclick = leave;
  $("door").onsubmit = enter;
  new ResizeObserver(() => cards.redraw()).observe($("cards"));
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || refresh(), EVERY_MS);
  setInterval(showFresh, 1000);
  show();
  refresh();
}

function change(values) {
  Object.assign(state, values);
  keep();
  state.shown = "";
  show();
  refresh();
}

function enter(event) {
  event.preventDefault();
  change({ merchant: $("shop").value.trim(), token: $("token").value.trim(), problem: null });
  $("token").value = "";
}

function leave() {
  change({ merchant: "", token: "", figures: null, problem: null });
  $("shop").focus();
}

async function refresh() {
  if (!state.token) return;
  const round = ++state.round;
  const answer = await ask();
  // A later question was asked meanwhile: its answer counts.
  if (round !== state.round || !state.token) return;
  if (answer.figures) Object.assign(state, { figures: answer.figures, got: performance.now(), problem: null });
  else state.problem = answer.problem;
  if (answer.problem === "wrong") Object.assign(state, { token: "", figures: null });
  keep();
  show();
}

async function ask() {
  const query = new URLSearchParams({ merchant: state.merchant, days: state.days });
  try {
    const answer = await fetch(`/api/statistics?${query}`, { headers: { authorization: `Bearer ${state.token}` } });
    if (answer.status === 401) return { problem: "wrong" };
    return answer.ok ? { figures: await answer.json() } : { problem: "other" };
  } catch {
    return { problem: "lost" };
  }
}

function show() {
  const words = LANGUAGES[state.language];
  document.documentElement.lang = state.language;
  document.title = state.figures ? `${words.statistics} · ${state.figures.merchant.name}` : words.statistics;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = fill(words[node.dataset.text], { k: state.figures?.k ?? USUAL_K });
  $("door").hidden = Boolean(state.token);
  $("leave").hidden = $("period-field").hidden = !state.token;
  $("figures").hidden = !state.figures;
  $("merchant").textContent = merchantLine(words);
  showProblem(words);
  if (state.figures) showFigures(words);
  showFresh();
}

function merchantLine(words) {
  if (!state.figures) return state.token ? words.checking : "";
  const { merchant, period } = state.figures;
  return `${merchant.name} · ${period.time_zone}`;
}

function showProblem(words) {
  const texts = {
    wrong: [words.wrongTitle, words.wrongFix],
    other: [words.otherTitle, words.otherFix],
    lost: state.figures ? ["", words.lost] : [words.otherTitle, words.otherFix],
  }[state.problem] ?? ["", ""];
  const node = $("problem");
  if (node.dataset.said === texts.join()) return;
  node.dataset.said = texts.join();
  const [title, fix] = texts;
  node.replaceChildren(...(title ? [html("strong", {}, title)] : []), ...(fix ? [fix] : []));
}

function showFigures(words) {
  const { last_counted_seconds_ago: _, ...figures } = state.figures;
  const now = JSON.stringify([figures, state.language]);
  if (now === state.shown) return;
  state.shown = now;
  $("tiles").replaceChildren(...tiles(figures, words).map(tile));
  $("cards").hidden = !(figures.totals.chats + figures.totals.questions + figures.totals.handed_over);
  $("empty").hidden = !$("cards").hidden;
  cards.show(figures, state.language, words);
}

function tiles({ totals }, words) {
  const all = totals.questions;
  const few = "–";
  const percent = new Intl.NumberFormat(state.language, { style: "percent" });
  const number = new Intl.NumberFormat(state.language);
  const share = (n) => (!all || n === null ? few : percent.format(n / all));
  const of = (n) => (n === null ? "" : fill(words.ofAll, { n: number.format(n), all: number.format(all) }));
  const count = (n) => (n === null ? few : number.format(n));
  return [
    [words.questions, count(all), ""],
    [words.answered, share(totals.answered), of(totals.answered)],
    [words.fallback, share(totals.fallback), of(totals.fallback)],
    [words.handed, count(totals.handed_over), all && totals.handed_over ? fill(words.ofQuestions, { share: share(totals.handed_over) }) : ""],
    waitTile(totals, words),
  ];
}

function waitTile(totals, words) {
  if (!totals.wait_p50) return [words.wait, "–", ""];
  if (!totals.wait_p90) return [words.wait, bound(totals.wait_p50, words), ""];
  const p90 = waited(totals.wait_p90, words).replace(fill(words.within, { time: "" }).trim(), "").trim();
  return [words.wait, bound(totals.wait_p50, words), fill(words.waitNote, { p90 })];
}

function bound(value, words) {
  return value === "longer" ? waited(value, words) : `≤ ${duration(Number(value), words)}`;
}

function tile([name, value, note]) {
  return html("div", {}, html("dt", {}, name), html("dd", {}, value), ...(note ? [html("dd", { class: "note" }, note)] : []));
}

function showFresh() {
  if (!state.figures) return;
  const words = LANGUAGES[state.language];
  const then = state.figures.last_counted_seconds_ago;
  const ago = then === null ? Infinity : then + (performance.now() - state.got) / 1000;
  $("fresh").textContent = then === null ? words.neverCounted : fill(words.counted, { ago: duration(ago, words) });
  $("fresh").classList.toggle("stale", ago > STALE_SECONDS || state.problem !== null);
}

function download(name, text) {
  // The mark at the start tells spreadsheets that this is UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  const link = html("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function keep() {
  const { merchant, token, language, days } = state;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ merchant, token, language, days }));
  } catch {
    // Storage may be forbidden: then the key lives as long as the page.
  }
}

function read() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
