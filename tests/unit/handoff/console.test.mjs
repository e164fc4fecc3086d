/** The console's pure parts: what is new, ready answers, idleness, what is on its way, kept rows. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, fitting, inserted, slashed } from "../../../services/handoff/console/canned.js";
import { AWAY_AFTER_MS, idleness } from "../../../services/handoff/console/idle.js";
import { keyed } from "../../../services/handoff/console/keyed.js";
import { newsOf } from "../../../services/handoff/console/news.js";
import { outbox } from "../../../services/handoff/console/outbox.js";

const REPLIES = [
  { key: "returns", text: "Thirty days." }, { key: "hello", text: "Hello!" }, { key: "bye", text: "Hello again, and goodbye." },
];
const lists = (mine = [], waiting = [], filed = []) => ({ mine, waiting, filed });
const own = (id, unread = false, at = "2026-03-02T12:00:00Z") => ({ case_id: id, unread, last_said_at: at });
const kinds = (news) => news.map(({ kind, item }) => `${kind} ${item.case_id}`);

test("a slash begins a ready answer only at the start of a word", () => {
  assert.equal(slashed("/", 1), "");
  assert.equal(slashed("Hi /ret", 7), "ret");
  assert.equal(slashed("line\n/ret", 9), "ret");
  for (const text of ["and/or", "https://shop.example", "/ret urn", "", "5/2"]) assert.equal(slashed(text, text.length), null, text);
  assert.equal(slashed("/returns", 4), "ret");
});

test("ready answers fit by key first, then by any word", () => {
  const keys = (wanted) => fitting(REPLIES, wanted).map((reply) => reply.key);
  assert.deepEqual(keys(""), ["bye", "hello", "returns"]);
  assert.deepEqual(keys("HEL"), ["hello", "bye"]);
  assert.deepEqual(keys("thirty"), ["returns"]);
  assert.deepEqual(keys("no such"), []);
});

test("a ready answer takes the place of its slash and leaves the rest", () => {
  assert.deepEqual(filled("Hi /ret, yes", 7, "Thirty days."), { text: "Hi Thirty days., yes", caret: 15 });
  assert.deepEqual(filled("/", 1, "Hello!"), { text: "Hello!", caret: 6 });
});

test("a suggestion is put in at the caret, parted from its neighbours", () => {
  assert.deepEqual(inserted("", 0, "Yes."), { text: "Yes.", caret: 4 });
  assert.deepEqual(inserted("Hi!", 3, "Yes."), { text: "Hi! Yes.", caret: 8 });
  assert.deepEqual(inserted("Hi! Bye", 4, "Yes."), { text: "Hi! Yes. Bye", caret: 8 });
});

test("who does nothing for ten minutes is away once, and back at the first touch", () => {
  const idle = idleness(0);
  assert.equal(idle.left(AWAY_AFTER_MS - 1), false);
  assert.equal(idle.touched(1000), false);
  assert.equal(idle.left(AWAY_AFTER_MS), false);
  assert.equal(idle.left(AWAY_AFTER_MS + 1000), true);
  assert.equal(idle.left(AWAY_AFTER_MS + 2000), false);
  assert.equal(idle.touched(AWAY_AFTER_MS + 3000), true);
  assert.equal(idle.touched(AWAY_AFTER_MS + 4000), false);
  assert.equal(idleness(0, true).touched(1), true);
});

test("the first look is no news", () => {
  assert.deepEqual(newsOf(null, lists([own("a", true)], [own("b")])), []);
});

test("messages, given cases, the queue and left messages are news, once and in this order", () => {
  const before = lists([own("a"), own("b", true)], [own("q")]);
  const now = lists([own("a", true), own("b", true), own("c"), own("d")], [own("q"), own("r")], [own("f")]);
  assert.deepEqual(kinds(newsOf(before, now, new Set(["d"]))), ["message a", "given c", "waiting r", "filed f"]);
  assert.deepEqual(newsOf(now, now), []);
});

test("a second message in an unread case is news too", () => {
  const now = lists([own("a", true, "2026-03-02T12:00:09Z")]);
  assert.deepEqual(kinds(newsOf(lists([own("a", true)]), now)), ["message a"]);
});

function post(answers) {
  const sent = [];
  const box = outbox(async (_caseId, { text }) => {
    sent.push(text);
    const status = answers.shift() ?? 200;
    if (status !== 200) throw Object.assign(new Error("no"), { status });
    return `id of ${text}`;
  });
  return { box, sent };
}

function pending(text) {
  const seen = [];
  const bubble = {
    sending: () => seen.push("sending"), accepted: (id) => seen.push(id), late: () => seen.push("late"),
    refused: () => seen.push("refused"),
  };
  return { text, bubble, seen };
}

test("answers that do not get through wait in order and go out together later", async () => {
  const { box, sent } = post([0, 503]);
  const [first, second] = [pending("one"), pending("two")];
  await box.add("case", first);
  await box.add("case", second);
  assert.deepEqual(sent, ["one", "one"]);
  assert.deepEqual(box.of("case"), [first, second]);
  assert.equal(second.seen.at(-1), "late");
  await box.deliverAll();
  assert.deepEqual(sent.slice(2), ["one", "two"]);
  assert.equal(first.seen.at(-1), "id of one");
  assert.deepEqual(box.of("case"), []);
});

test("an answer that the server refuses does not hold up the next one", async () => {
  const { box, sent } = post([409]);
  const [first, second] = [pending("one"), pending("two")];
  await Promise.all([box.add("case", first), box.add("case", second)]);
  assert.deepEqual(sent, ["one", "two"]);
  assert.equal(first.seen.at(-1), "refused");
  assert.equal(second.seen.at(-1), "id of two");
});

test("the ended session keeps what was written; two cases do not wait for each other", async () => {
  const { box } = post([401]);
  const [first, other] = [pending("one"), pending("other")];
  await box.add("case", first);
  await box.add("another", other);
  assert.deepEqual([box.of("case").length, box.of("another").length], [1, 0]);
  box.clear();
  assert.deepEqual(box.of("case"), []);
});

/** As much of a parent node as `keyed` uses; it counts what is moved. */
function parentNode() {
  const children = [];
  const parent = {
    moves: 0,
    get firstElementChild() {
      return children[0] ?? null;
    },
    insertBefore(node, there) {
      parent.moves += 1;
      if (children.includes(node)) children.splice(children.indexOf(node), 1);
      children.splice(there ? children.indexOf(there) : children.length, 0, node);
    },
    shown: () => children.map((node) => node.id).join(""),
  };
  const node = (id) => ({
    id, remove: () => children.splice(children.indexOf(children.find((one) => one.id === id)), 1),
    get nextElementSibling() {
      return children[children.indexOf(this) + 1] ?? null;
    },
  });
  return { parent, node };
}

test("rows that did not change are neither moved nor updated", () => {
  const { parent, node } = parentNode();
  const updates = [];
  const show = keyed(parent, (item) => item.id, (item) => ({ node: node(item.id), update: ({ id }) => updates.push(id) }));
  const items = (ids, n = 1) => [...ids].map((id) => ({ id, n }));
  show(items("abcd"));
  assert.deepEqual([parent.shown(), parent.moves, updates.length], ["abcd", 4, 4]);
  show(items("bcd"));
  show(items("xbcde"));
  assert.deepEqual([parent.shown(), parent.moves, updates.join("")], ["xbcde", 6, "abcdxe"]);
  show([...items("xbc", 1), ...items("d", 2), ...items("e", 1)]);
  assert.deepEqual([parent.moves, updates.join("")], [6, "abcdxed"]);
});
