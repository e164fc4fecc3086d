/** The statistics page's pure parts: the address, tables, tiles, files, news. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { splitter } from "../../../services/analytics/page/api.js";
import { csvOf, quoted } from "../../../services/analytics/page/csv.js";
import { askedOf, placeOf, searchOf } from "../../../services/analytics/page/place.js";
import { sentenceOf, tablesOf } from "../../../services/analytics/page/tables.js";
import { tilesOf } from "../../../services/analytics/page/tiles.js";

const plain = (value) => String(value);
const say = {
  t: (key, ...values) => [key, ...values].join(" "), named: (kind, word) => word, pick: (texts, word) => texts?.nb ?? word, number: plain,
  percent: (share) => `${Math.round(share * 100)}%`, bound: plain, rating: plain, age: plain, day: plain, shortDay: plain, weekday: plain, languageName: plain,
};
const LISTS = ["topics", "outcomes", "languages", "waits", "handling", "cases", "ratings", "mentions", "lengths"];

function figures(changes = {}) {
  return {
    k: 10, titles: { parcel: { nb: "Pakke" } }, heat: Array.from({ length: 7 }, () => Array(24).fill(0)),
    steps: { kind: "day", rows: [{ from: "2026-03-01", to: "2026-03-01", chats: 0, messages: 0, handed_over: 0, topics: {} },
      { from: "2026-03-02", to: "2026-03-02", chats: 40, messages: 90, handed_over: 12, topics: { parcel: 30 } }] },
    totals: { chats: 40, messages: 90, questions: 50, fallback: 10, handed_over: 12, containment: 0.7, wait_p50: "60", wait_p90: "longer", rating: null, erasures: 0 },
    ...Object.fromEntries(LISTS.map((id) => [id, []])), topics: [{ topic: "parcel", n: 30 }, { topic: "other", n: 10 }], ...changes,
  };
}

const table = (id, changes) => tablesOf(figures(changes), say).find((one) => one.id === id);

test("an address goes there and back; it never holds the key", () => {
  for (const search of ["?shop=a&period=28&zone=Europe%2FOslo", "?shop=a&from=2026-03-01&to=2026-03-08", "?shop=a&period=month"]) {
    assert.equal(searchOf(placeOf(search)), search);
  }
  assert.equal(searchOf({ ...placeOf("?shop=a"), token: "secret" }), "?shop=a&period=7");
});

test("an address that names no period is the last week's", () => {
  for (const search of ["", "?period=8", "?period=own", "?period=constructor", "?from=2026-03-01", "?from=yesterday&to=2026-03-01"]) {
    assert.equal(placeOf(search).period, "7", search);
  }
});

test("the interface is asked for the address's period, and the one before", () => {
  const asked = (search) => Object.fromEntries(askedOf(placeOf(search)));
  assert.deepEqual(asked("?shop=a&period=90"), { merchant: "a", days: "90", compare: "previous" });
  assert.deepEqual(asked("?shop=a&period=month"), { merchant: "a", month: "this", compare: "previous" });
  assert.deepEqual(asked("?shop=a&from=2026-03-01&to=2026-03-08"), { merchant: "a", from: "2026-03-01", to: "2026-03-08", compare: "previous" });
});

test("what is withheld is neither nought nor a number, in every table", () => {
  assert.deepEqual(table("time").rows.map(({ cells }) => cells.map(({ n }) => n)), [[null, null, null], [40, 90, 12]]);
  assert.deepEqual(table("topic_time").rows.map(({ cells }) => cells[0].n), [null, 30]);
  assert.equal(table("heat").rows[0].cells[3].n, null);
  assert.equal(csvOf(table("time"), 10).split("\r\n")[1], '"2026-03-01","<10","<10","<10"');
});

test("topics bear the shop's own titles, and the rest is together at the end", () => {
  assert.deepEqual(table("topics").rows.map(({ label, share }) => [label, share]), [["Pakke", "75%"], ["word_other", "25%"]]);
  assert.deepEqual(table("topic_time").heads, ["head_day", "Pakke"], "what is pooled is no topic");
});

test("a list of which nothing is shown has no rows", () => {
  assert.deepEqual(table("waits", { waits: [{ seconds: "60", n: 0 }] }).rows, []);
});

test("weeks are named by both ends", () => {
  const steps = { kind: "week", rows: [{ from: "2026-03-02", to: "2026-03-08", chats: 10, messages: 0, handed_over: 0, topics: {} }] };
  assert.equal(table("time", { steps }).rows[0].label, "2026-03-02 – 2026-03-08");
});

test("a plot is told in a sentence", () => {
  assert.equal(sentenceOf(table("topics"), say), "title_topics. most Pakke 30");
  assert.equal(sentenceOf(table("waits"), say), "title_waits");
});

const tile = (id, previous) => tilesOf(figures({ previous }), say).find((one) => one.id === id);
const before = (totals) => ({ totals: { ...figures().totals, ...totals } });

test("a tile says its figure, and that one is withheld", () => {
  assert.equal(tile("chats").text, "40");
  assert.equal(tile("fallback").text, "20%");
  assert.equal(tile("handed").text, "30%");
  assert.deepEqual([tile("rating").text, tile("erasures").isFew], ["few 10", true]);
});

test("the oldest trace is told as it is, beside nothing", () => {
  const told = tilesOf(figures({ oldest: { days: 42 }, previous: before({}) }), say).find(({ id }) => id === "oldest");
  assert.deepEqual([told.text, told.isFew, told.change], ["42", false, null]);
});

test("a change is said by an arrow and in words; without both figures there is none", () => {
  const told = (id, totals) => tile(id, before(totals)).change && [tile(id, before(totals)).change.arrow, tile(id, before(totals)).change.text];
  assert.deepEqual(told("chats", { chats: 30 }), ["▲", "up 30"]);
  assert.deepEqual(told("chats", { chats: 50 }), ["▼", "down 50"]);
  assert.deepEqual(told("chats", {}), ["=", "same"]);
  assert.deepEqual(told("wait_most", { wait_p90: "14400" }), ["▲", "up 14400"]);
  assert.deepEqual(told("wait_half", { wait_p50: "300" }), ["▼", "down 300"]);
  assert.equal(told("chats", { chats: 0 }), null);
  assert.equal(told("rating", { rating: 4 }), null);
  assert.equal(tile("chats").change, null);
});

test("events are whole, wherever the stream's pieces end", () => {
  const events = splitter();
  assert.deepEqual(events(": op"), []);
  assert.deepEqual(events("en\r\n\r\ndata: {}\r\n"), [": open"]);
  assert.deepEqual(events("\r\n: beat\n\n"), ["data: {}", ": beat"]);
});

test("what a spreadsheet would run becomes text", () => {
  assert.equal(quoted("=HYPERLINK(1)"), `"'=HYPERLINK(1)"`);
  assert.equal(quoted("+47"), `"'+47"`);
  assert.equal(quoted('say "hi"'), '"say ""hi"""');
  assert.equal(quoted(12), '"12"');
});
