// How long, until when, and what has changed, in five languages' own words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { momentOf, noteOf, waitOf } from "../../../services/gateway/widget/human/told.js";

const LANGUAGES = ["nb", "sv", "da", "fi", "en"];
const ranges = (low, high) => LANGUAGES.map((language) => waitOf({ low, high }, language).range);

test("a wait is a range in words, with the plural each language has", () => {
  assert.deepEqual(ranges(100, 290),
    ["2–5 minutter", "2–5 minuter", "2–5 minutter", "2–5 minuuttia", "2–5 minutes"]);
  assert.deepEqual(ranges(60, 119),
    ["1–2 minutter", "1–2 minuter", "1–2 minutter", "1–2 minuuttia", "1–2 minutes"]);
  assert.deepEqual(ranges(3600, 9000),
    ["1–3 timer", "1–3 timmar", "1–3 timer", "1–3 tuntia", "1–3 hours"]);
});

test("a wait of one length is no range, and a short one has no lower end", () => {
  assert.deepEqual(waitOf({ low: 290, high: 300 }, "en"), { key: "about", range: "5 minutes" });
  assert.deepEqual(waitOf({ low: 10, high: 300 }, "nb"), { key: "most", range: "5 minutter" });
  assert.deepEqual(waitOf({ low: 5, high: 60 }, "nb"), { key: "soon" });
  assert.deepEqual(waitOf({ low: 0, high: 0 }, "nb"), { key: "soon" });
});

test("the upper end is never less than what was said", () => {
  for (let high = 61; high < 20000; high += 7) {
    const { range } = waitOf({ low: Math.floor(high / 2), high }, "en");
    const [, most, unit] = range.match(/(\d+) (minute|hour)s?$/);
    assert.ok(Number(most) * (unit === "hour" ? 3600 : 60) >= high, `${high}: ${range}`);
  }
});

const NOW = new Date(2026, 10, 27, 18, 30);
const moments = (...at) => LANGUAGES.map((language) => {
  const { day, time } = momentOf(new Date(...at), NOW, language);
  return `${day} ${time}`;
});

test("a coming moment is said as people say it", () => {
  assert.deepEqual(moments(2026, 10, 27, 21), ["i dag 21:00", "i dag 21:00", "i dag 21.00",
    "tänään 21.00", "today 21:00"]);
  assert.deepEqual(moments(2026, 10, 28, 0, 5).map((words) => words.split(" ").slice(0, -1).join(" ")),
    ["i morgen", "i morgon", "i morgen", "huomenna", "tomorrow"]);
  assert.deepEqual(moments(2026, 10, 30, 9), ["mandag 09:00", "måndag 09:00", "mandag 09.00",
    "maanantaina 09.00", "Monday 09:00"]);
});

test("a moment a week or more away has its date", () => {
  assert.match(moments(2026, 11, 4, 9)[0], /^fredag 4\. desember 09:00$/);
  assert.match(moments(2026, 11, 3, 9)[0], /^torsdag 09:00$/);
});

test("a day of 23 or 25 hours is a day", () => {
  for (let day = 1; day < 365; day += 1) {
    const { day: word } = momentOf(new Date(2026, 0, day + 1, 9), new Date(2026, 0, day, 23, 59), "en");
    assert.equal(word, "tomorrow");
  }
});

const CHANGES = [
  ["bot", "queue", null], ["bot", "filed", null], ["bot", "bot", null], ["bot", "agent", "joined"],
  ["queue", "queue", null], ["queue", "agent", "joined"], ["queue", "bot", "unqueued"],
  ["queue", "filed", null], ["filed", "queue", null], ["filed", "bot", "withdrawn"],
  ["filed", "agent", "joined"], ["agent", "bot", "gone"], ["agent", "queue", "passedOn"],
  ["agent", "filed", "putBack"],
];

for (const [before, owner, note] of CHANGES) {
  test(`from ${before} to ${owner}: ${note ?? "nothing is said"}`, () => {
    const agent = owner === "agent" ? "Kari" : null;
    assert.equal(noteOf({ owner, agent }, { owner: before, agent: null }), note);
  });
}

test("another agent is said, the same one is not", () => {
  const now = (agent) => noteOf({ owner: "agent", agent }, { owner: "agent", agent: "Kari" });
  assert.deepEqual([now("Kari"), now(null), now("Ola")], [null, null, "joined"]);
});
