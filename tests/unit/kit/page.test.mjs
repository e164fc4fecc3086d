/** The words that every page has: languages, plural forms, numbers and times as people write them. */
import assert from "node:assert/strict";
import { test } from "node:test";

Object.defineProperty(globalThis, "navigator", { value: { languages: ["de-DE", "nn-NO", "en"] }, configurable: true });
const words = await import("../../../libs/kit/page/words.js");
const { choose, duration, language, LANGUAGES, named, number, percent, pick, t, teach } = words;
const PAGES = ["services/nlu/authoring/page", "services/handoff/console"];
const CODES = Object.keys(LANGUAGES);

async function texts(page) {
  const all = CODES.map(async (code) => [code, (await import(`../../../${page}/texts/${code}.js`)).default]);
  return Object.fromEntries(await Promise.all(all));
}

test("the browser's first language that we speak is used; every Norwegian is bokmål", () => {
  assert.equal(language(), "nb");
  assert.equal(t("log_in"), "Logg inn");
});

test("a text is counted by the plural rules of its language", () => {
  teach(Object.fromEntries(CODES.map((code) => [code, { days: { one: "1 day", other: (n) => `${n} days` }, at: (a, b) => `${a}-${b}` }])));
  for (const code of CODES) {
    choose(code);
    assert.deepEqual([0, 1, 2, 21].map((n) => t("days", n)), ["0 days", "1 day", "2 days", "21 days"]);
    assert.equal(t("at", 1, 2), "1-2");
  }
});

test("every counted text of every page says one thing for one and another for more", async () => {
  for (const page of PAGES) {
    const found = await texts(page);
    teach(found);
    const counted = Object.keys(found.en).filter((key) => found.en[key].other);
    assert.ok(counted.length, page);
    for (const code of CODES) {
      choose(code);
      for (const key of counted) {
        assert.ok(!/undefined/.test(t(key, 1, "a", "b") + t(key, 2, "a", "b")), `${code} ${key}`);
        assert.match(t(key, 2, "a", "b"), /2/);
      }
    }
  }
});

test("no text of any page leaves one thing in the plural", async () => {
  const found = { ...(await texts(PAGES[0])).en, ...(await texts(PAGES[1])).en };
  for (const [key, text] of Object.entries(found)) {
    const said = String(text).startsWith("(n") ? text(1, "a", "b") : "";
    assert.doesNotMatch(said, /\b1 [a-z]+s\b/, key);
  }
});

test("what has no name of ours keeps its own", () => {
  choose("en");
  assert.equal(named("fact", "return_days"), "Days to return");
  for (const own of ["wool_grams", "constructor", "toString"]) assert.equal(named("fact", own), own);
});

test("a content text is shown in the language in use, in English, or in any there is", () => {
  choose("fi");
  assert.equal(pick({ fi: "Palautus", en: "Returns" }, "returns"), "Palautus");
  assert.equal(pick({ nb: "Retur", en: "Returns" }, "returns"), "Returns");
  assert.equal(pick({ nb: "Retur", en: "" }, "returns"), "Retur");
  assert.equal(pick(undefined, "returns"), "returns");
});

test("numbers and stretches of time are written as in the language", () => {
  choose("nb");
  assert.equal(number(3.25), "3,3");
  assert.equal(percent(0.125).replace(/\s/, " "), "12,5 %");
  choose("en");
  assert.deepEqual([-1, 42, 185, 7800].map(duration), ["0 sec", "42 sec", "3 min 5 sec", "2 hr 10 min"]);
});
