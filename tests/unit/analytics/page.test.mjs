// The statistics page's pure parts: languages, durations, quoting.

import assert from "node:assert/strict";
import { test } from "node:test";

import { quoted } from "../../../services/analytics/page/cards.js";
import { duration, fill, firstLanguage, LANGUAGES, waited } from "../../../services/analytics/page/texts.js";

test("the page speaks the chosen language, else the browser's, else Norwegian", () => {
  assert.equal(firstLanguage("en", ["sv-SE"]), "en");
  assert.equal(firstLanguage(undefined, ["fi-FI", "sv-FI"]), "sv");
  assert.equal(firstLanguage(undefined, ["no"]), "nb");
  assert.equal(firstLanguage(undefined, ["nn-NO"]), "nb");
  assert.equal(firstLanguage("constructor", ["fi"]), "nb");
  assert.equal(firstLanguage(undefined, []), "nb");
});

function keys(words, path = "") {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === "string" ? [`${path}${key}`] : keys(value, `${key}.`)));
}

function holes(text) {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}

test("every language has every text with the same {values}", () => {
  const { nb, sv, en } = LANGUAGES;
  for (const words of [sv, en]) {
    assert.deepEqual(keys(words).sort(), keys(nb).sort());
    for (const [key, text] of Object.entries(nb)) {
      if (typeof text === "string") assert.deepEqual(holes(words[key]), holes(text), key);
    }
  }
});

test("durations are said as people say them", () => {
  const { en } = LANGUAGES;
  assert.equal(duration(-3, en), "0 s");
  assert.equal(duration(119, en), "119 s");
  assert.equal(duration(120, en), "2 min");
  assert.equal(duration(7200, en), "2 h");
  assert.equal(waited("60", en), "within 60 s");
  assert.equal(waited("longer", en), "over 4 h");
});

test("values are put in as text", () => {
  assert.equal(fill("{n} of {all}", { n: "<b>", all: 2 }), "<b> of 2");
});

test("what a spreadsheet would run becomes text", () => {
  assert.equal(quoted("=HYPERLINK(1)"), `"'=HYPERLINK(1)"`);
  assert.equal(quoted("+47"), `"'+47"`);
  assert.equal(quoted('say "hi"'), '"say ""hi"""');
  assert.equal(quoted(12), '"12"');
});
