// Contrast from any colour, forms, the status line, the browser's one key, and five complete languages.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { Keep } from "../../../services/gateway/widget/api.js";
import { factsIn, faults } from "../../../services/gateway/widget/human/facts.js";
import { contrast, inkOn, readable } from "../../../services/gateway/widget/rules.js";
import { BOT, statusOf } from "../../../services/gateway/widget/status.js";

const WIDGET = new URL("../../../services/gateway/widget/", import.meta.url);

test("text is readable on and beside every colour", () => {
  for (let step = 0; step < 4096; step += 7) {
    const colour = `#${[step >> 8, (step >> 4) & 15, step & 15].map((n) => n.toString(16).repeat(2)).join("")}`;
    assert.ok(contrast(colour, inkOn(colour)) >= 4.5, colour);
    for (const surface of ["#f1f3f5", "#252a31"]) {
      assert.ok(contrast(readable(colour, surface), surface) >= 4.5, `${colour} on ${surface}`);
    }
  }
});

test("a readable colour is left alone", () => {
  assert.equal(readable("#0f5c57", "#ffffff"), "#0f5c57");
});

test("what the visitor has said is found, the newest first", () => {
  const found = factsIn(["order 10482217", "no, 20482217!", "mail ola@kunde.example, please", "123456789"]);
  assert.deepEqual(found, { email: "ola@kunde.example", order_number: "20482217" });
  assert.deepEqual(factsIn([]), { email: "", order_number: "" });
});

test("hostile text is searched in no time", () => {
  const began = performance.now();
  factsIn(["a@".repeat(1000), "a.".repeat(1000), "1".repeat(2000), `${"a".repeat(1000)}@${"b".repeat(1000)}`]);
  assert.ok(performance.now() - began < 200);
});

const FIELDS = [{ key: "order_number", kind: "order_number", required: true },
  { key: "email", kind: "email", required: false }, { key: "details", kind: "long_text", required: true }];

test("a form names what is wrong with each field", () => {
  assert.deepEqual(faults(FIELDS, {}), { order_number: "required", details: "required" });
  assert.deepEqual(faults(FIELDS, { order_number: "12", email: "ola", details: "x".repeat(2001) }),
    { order_number: "order_number", email: "email", details: "long" });
  assert.deepEqual(faults(FIELDS, { order_number: "1048 2217", email: " ola@kunde.example ", details: "x" }), {});
});

test("the status line says the first thing that matters", () => {
  const now = { line: "open", isBotWriting: false, passing: null, ...BOT };
  assert.equal(statusOf(now).key, null);
  assert.equal(statusOf({ ...now, isBotWriting: true }).key, "typing");
  assert.deepEqual(statusOf({ ...now, owner: "queue", position: 3 }),
    { key: "queued", values: { n: 3 }, kind: "queue" });
  assert.equal(statusOf({ ...now, owner: "queue" }).key, "waitingForHuman");
  assert.equal(statusOf({ ...now, owner: "queue", open_now: false, position: 3 }).key, "closedQueue");
  assert.equal(statusOf({ ...now, owner: "filed", open_now: false }).key, "closedQueue");
  assert.equal(statusOf({ ...now, owner: "queue", passing: "menu.done" }).key, "menu.done");
  assert.equal(statusOf({ ...now, owner: "queue", line: "lost" }).key, "lost");
});

function shelf(kept = {}) {
  return { getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; },
    removeItem: (key) => { delete kept[key]; }, kept };
}

test("the browser keeps one key, and nothing after it is cleared", () => {
  const storage = shelf();
  const keep = new Keep("fjellbekk", () => storage);
  assert.equal(keep.read(), null);
  keep.write({ conversation_id: "c1", token: "t" });
  assert.deepEqual(Object.keys(storage.kept), ["prat:fjellbekk"]);
  assert.equal(new Keep("fjellbekk", () => storage).read().token, "t");
  keep.clear();
  assert.deepEqual(storage.kept, {});
});

test("a browser that refuses storage is no obstacle", () => {
  const keep = new Keep("fjellbekk", () => { throw new Error("SecurityError"); });
  keep.write({ conversation_id: "c1", token: "t" });
  assert.equal(keep.read().conversation_id, "c1");
  keep.clear();
  assert.equal(keep.read(), null);
});

for (const text of ["", "{", "5", "null", '{"token":5}', '{"conversation_id":"c1"}']) {
  test(`a broken key is no conversation: ${text}`, () => {
    assert.equal(new Keep("fjellbekk", () => shelf({ "prat:fjellbekk": text })).read(), null);
  });
}

/* Where a number chooses the words, a language has as many of them as it needs. */
const shape = (value, path = "") => (typeof value === "string" || value.other ? [`${path} ${holes(value)}`]
  : Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}.${key}`)));
const holes = (words) => ((words.other ?? words).match(/\{\w+\}/g) ?? []).sort().join();
const plurals = (value) => (typeof value === "string" ? [] : value.other ? [value]
  : Object.values(value).flatMap(plurals));

const wordsIn = (file) => JSON.parse(readFileSync(new URL(`words/${file}`, WIDGET), "utf8"));
const scripts = () => readdirSync(WIDGET, { recursive: true }).filter((name) => name.endsWith(".js"));
const PARTS = ["chat", "human", "rights", "files"];

test("five languages have the same keys, the same values to fill in, and every plural", () => {
  const files = readdirSync(new URL("words/", WIDGET)).sort();
  assert.deepEqual(files, ["da.json", "en.json", "fi.json", "nb.json", "sv.json"]);
  const english = shape(wordsIn("en.json")).sort();
  for (const file of files) {
    const words = wordsIn(file);
    assert.deepEqual(shape(words).sort(), english, file);
    assert.ok(shape(words).every((one) => one.trim()) && !JSON.stringify(words).includes('""'), file);
    const { pluralCategories } = new Intl.PluralRules(file.slice(0, 2)).resolvedOptions();
    for (const forms of plurals(words)) assert.deepEqual(Object.keys(forms).sort(), [...pluralCategories].sort());
  }
});

test("no word of one part is another in the next", () => {
  const keys = PARTS.flatMap((part) => Object.keys(wordsIn("en.json")[part]));
  assert.equal(new Set(keys).size, keys.length);
});

test("every text that the code asks for exists, and no part asks for the words of another", () => {
  const all = wordsIn("en.json");
  for (const file of scripts().filter((name) => name !== "loader.js")) {
    const words = { ...all.chat, ...all[PARTS.find((part) => file.startsWith(`${part}/`))] };
    const find = (key) => key.split(".").reduce((part, name) => part?.[name], words);
    const source = readFileSync(new URL(file, WIDGET), "utf8");
    for (const [, key] of source.matchAll(/\b(?:say|live|pass|note|said)\("([\w.]+)"/g)) {
      assert.ok(find(key), `${file}: ${key}`);
    }
  }
});

test("no file builds nodes from text or runs text as code", () => {
  const banned = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|\.cssText/;
  for (const file of scripts()) {
    assert.doesNotMatch(readFileSync(new URL(file, WIDGET), "utf8"), banned, file);
  }
});
