// The order of a conversation: every message once, whatever comes twice, late or in the wrong order.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox, Timeline } from "../../../services/gateway/widget/timeline.js";

const said = (id, seq = null, author = "bot", text = id) =>
  ({ id, seq, author, kind: "message", text, fields: {}, at: null });

/** A timeline that also keeps the page's order, as the list of turns would. */
function shown() {
  const nodes = [];
  const place = (entry, next) => nodes.splice(next ? nodes.indexOf(next) : nodes.length, 0, entry);
  const timeline = new Timeline((op, entry, next) => {
    if (op === "insert") place(entry, next);
    if (op === "move" || op === "remove") nodes.splice(nodes.indexOf(entry), 1);
    if (op === "move") place(entry, next);
  });
  return { timeline, texts: () => nodes.map((entry) => entry.text), nodes };
}

test("a message that comes twice is shown once", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("a"));
  timeline.receive(said("a"));
  timeline.receive(said("a", 1));
  timeline.stored("a", 1);
  assert.deepEqual(texts(), ["a"]);
  assert.equal(timeline.lastSeq, 1);
});

test("pushes are kept in the order of arrival, and sorted when their numbers say otherwise", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("second"));
  timeline.receive(said("first"));
  timeline.stored("first", 1);
  assert.deepEqual(texts(), ["first", "second"].reverse(), "one number alone contradicts nothing");
  timeline.stored("second", 2);
  assert.deepEqual(texts(), ["first", "second"]);
});

test("a number without its message is a gap until the replay has filled it", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("b"));
  timeline.stored("a", 1);
  timeline.stored("b", 2);
  assert.equal(timeline.hasGap, true);
  assert.equal(timeline.lastSeq, 0);
  timeline.expectReplay();
  timeline.receive(said("a", 1));
  assert.deepEqual(texts(), ["a", "b"]);
  assert.equal(timeline.lastSeq, 2);
  assert.equal(timeline.hasGap, false);
});

test("a replay that starts late jumps over what has expired", () => {
  const { timeline } = shown();
  timeline.expectReplay();
  for (const seq of [17, 18, 19]) timeline.receive(said(`m${seq}`, seq));
  assert.equal(timeline.lastSeq, 19);
  assert.equal(timeline.hasGap, false);
});

test("only the first message of a replay may jump", () => {
  const { timeline } = shown();
  timeline.expectReplay();
  timeline.receive(said("a", 1));
  timeline.receive(said("c", 3));
  assert.equal(timeline.lastSeq, 1);
  assert.equal(timeline.hasGap, true);
});

test("a number that is not shown leaves no gap", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("a", 1));
  timeline.stored("hidden", 2);
  timeline.stored("b", 3);
  assert.equal(timeline.hasGap, true);
  timeline.expectReplay();
  timeline.skip(2);
  timeline.receive(said("b", 3));
  assert.deepEqual([timeline.hasGap, timeline.lastSeq], [false, 3]);
  assert.deepEqual(texts(), ["a", "b"]);
});

test("a replay may begin with a number that is not shown", () => {
  const { timeline } = shown();
  timeline.skip(7);
  timeline.receive(said("h", 8));
  assert.equal(timeline.lastSeq, 8);
});

test("an own message is shown at once and named when it is accepted", () => {
  const { timeline, nodes } = shown();
  timeline.addOwn("c1", said(null, null, "visitor", "hello"));
  assert.equal(nodes[0].state, "sending");
  timeline.mark("c1", "waiting");
  assert.equal(nodes[0].state, "waiting");
  timeline.accepted("c1", "m1");
  assert.equal(nodes[0].state, "sent");
  timeline.stored("m1", 1);
  assert.equal(nodes[0].state, "delivered");
  timeline.receive(said("m1", 1, "visitor", "hello"));
  assert.deepEqual([nodes.length, nodes[0].state], [1, "delivered"]);
});

test("stored before accepted: the number is kept for the message that is on its way", () => {
  const { timeline } = shown();
  timeline.addOwn("c1", said(null, null, "visitor", "hello"));
  timeline.stored("m1", 1);
  assert.equal(timeline.hasGap, true);
  timeline.accepted("c1", "m1");
  assert.equal(timeline.hasGap, false);
  assert.equal(timeline.lastSeq, 1);
});

test("the replay brings an own message before its acknowledgement: never shown twice", () => {
  const { timeline, texts, nodes } = shown();
  timeline.addOwn("c1", said(null, null, "visitor", "hello"));
  timeline.expectReplay();
  timeline.receive(said("m1", 1, "visitor", "hello"));
  assert.deepEqual(texts(), ["hello"]);
  timeline.accepted("c1", "m1");
  assert.deepEqual(texts(), ["hello"]);
  assert.equal(nodes[0].state, "delivered");
});

test("the same words twice are two messages", () => {
  const { timeline, texts } = shown();
  timeline.addOwn("c1", said(null, null, "visitor", "yes"));
  timeline.addOwn("c2", said(null, null, "visitor", "yes"));
  timeline.receive(said("m1", 1, "visitor", "yes"));
  timeline.accepted("c1", "m1");
  timeline.accepted("c2", "m2");
  assert.deepEqual(texts(), ["yes", "yes"]);
});

test("the same words from another tab are another message", () => {
  const { timeline, nodes } = shown();
  timeline.addOwn("c1", said(null, null, "visitor", "yes"));
  timeline.receive(said("theirs", 1, "visitor", "yes"));
  timeline.accepted("c1", "mine");
  timeline.stored("mine", 2);
  assert.deepEqual(nodes.map((entry) => [entry.id, entry.seq]), [["theirs", 1], ["mine", 2]]);
  assert.equal(timeline.lastSeq, 2);
});

test("an own message in flight stays behind what was said before it", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("a", 1));
  timeline.addOwn("c1", said(null, null, "visitor", "mine"));
  timeline.receive(said("b", 2));
  assert.deepEqual(texts(), ["a", "b", "mine"]);
  timeline.accepted("c1", "m1");
  timeline.stored("m1", 3);
  assert.deepEqual(texts(), ["a", "b", "mine"]);
});

test("a note stays where it was said", () => {
  const { timeline, texts } = shown();
  timeline.receive(said("a", 1));
  timeline.note({ text: "Kari joined" });
  timeline.receive(said("b", 2));
  timeline.receive(said("c", 3));
  assert.deepEqual(texts(), ["a", "Kari joined", "b", "c"]);
});

test("any order of arrival ends in the order of the numbers, each once", () => {
  let seed = 7;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  for (let run = 0; run < 300; run += 1) {
    const { timeline, texts } = shown();
    const happenings = Array.from({ length: 12 }, (_, at) => at + 1).flatMap((seq) => [
      () => timeline.receive(said(`m${seq}`)), () => timeline.stored(`m${seq}`, seq),
      () => timeline.receive(said(`m${seq}`))]);
    happenings.sort(() => random() - 0.5).forEach((happen) => happen());
    assert.deepEqual(texts(), Array.from({ length: 12 }, (_, at) => `m${at + 1}`));
    assert.equal(timeline.lastSeq, 12);
  }
});

test("the outbox keeps frames until they are accepted, in order", () => {
  const outbox = new Outbox();
  for (const id of ["a", "b", "c"]) outbox.add({ client_id: id });
  outbox.take("b");
  assert.deepEqual(outbox.waiting().map((frame) => frame.client_id), ["a", "c"]);
  assert.equal(outbox.take("b"), undefined);
});

test("a frame on its way for too long shows that the line is dead", () => {
  const outbox = new Outbox();
  outbox.add({ client_id: "a" });
  assert.equal(outbox.isOverdue(99999, 12000), false, "never sent is not overdue");
  outbox.sent("a", 1000);
  assert.equal(outbox.isOverdue(13000, 12000), false);
  assert.equal(outbox.isOverdue(13001, 12000), true);
  outbox.lost();
  assert.equal(outbox.isOverdue(99999, 12000), false);
});
