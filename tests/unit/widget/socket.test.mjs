// The line: comes back, does not hammer, gives up when told; and what may come over it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Line, delay, link, parse } from "../../../services/gateway/widget/socket.js";
import { Page, WELCOME } from "./page.mjs";

function lined() {
  const page = new Page();
  const heard = { frames: [], states: [], ends: [], garbled: 0 };
  const line = new Line("ws://gateway.example/v1/socket", () => ({ type: "hello" }), {
    frame: (frame) => heard.frames.push(frame), end: (code) => heard.ends.push(code),
    garbled: () => { heard.garbled += 1; },
    state: (state, code) => heard.states.push([state, code ?? 0]) }, page);
  line.start();
  return { page, line, heard };
}

test("waiting times double from half a second to fifteen, spread by half", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map((n) => delay(n, () => 1)),
    [500, 1000, 2000, 4000, 8000, 15000, 15000]);
  assert.equal(delay(0, () => 0), 250);
});

test("says hello first, and lets nothing out before the welcome", () => {
  const { page, line, heard } = lined();
  page.socket.open();
  assert.deepEqual(page.socket.sent, [{ type: "hello" }]);
  assert.equal(line.send({ type: "message" }), false);
  page.socket.say(WELCOME);
  assert.equal(line.send({ type: "message" }), true);
  assert.deepEqual(heard.states, [["open", 0]]);
});

test("a welcome that is slow to come does not stop the talking", () => {
  const { page, line } = lined();
  page.socket.open();
  page.pass(1000);
  assert.equal(line.send({ type: "message" }), true);
});

test("comes back after a loss, later each time, and at once when the network is back", () => {
  const { page } = lined();
  const tries = () => page.sockets.length;
  page.socket.open();
  page.socket.say(WELCOME);
  page.socket.drop();
  page.pass(500);
  assert.equal(tries(), 2);
  page.socket.drop();
  page.pass(400);
  assert.equal(tries(), 2);
  page.happen("online");
  assert.equal(tries(), 3);
});

test("a door that closes right after the welcome is not hammered", () => {
  const { page } = lined();
  for (let n = 0; n < 6; n += 1) {
    page.socket.open();
    page.socket.say(WELCOME);
    page.socket.drop(1013);
    page.pass(delay(n, () => 1));
  }
  const before = page.sockets.length;
  page.pass(7000);
  assert.equal(page.sockets.length, before + 0);
});

test("a line that held starts the waiting times anew", () => {
  const { page } = lined();
  page.socket.open();
  page.socket.say(WELCOME);
  for (let n = 0; n < 5; n += 1) { page.socket.drop(); page.pass(8000); }
  page.socket.open();
  page.socket.say(WELCOME);
  page.pass(6000);
  page.socket.drop();
  const before = page.sockets.length;
  page.pass(500);
  assert.equal(page.sockets.length, before + 1);
});

test("a handshake that never ends is given up and tried again", () => {
  const { page, heard } = lined();
  page.socket.open();
  page.socket.say(WELCOME);
  page.socket.drop();
  page.pass(500);
  page.pass(11000);
  assert.deepEqual(heard.states.map(([state]) => state), ["open", "lost", "lost"]);
  page.pass(1000);
  assert.equal(page.sockets.length, 3);
});

test("the first handshake that is slow is said to be on its way", () => {
  const { page, heard } = lined();
  page.pass(1000);
  assert.deepEqual(heard.states, [["connecting", 0]]);
});

for (const code of [4401, 4403, 4410]) {
  test(`close code ${code} is final`, () => {
    const { page, heard } = lined();
    page.socket.open();
    page.socket.drop(code);
    page.pass(60000);
    assert.deepEqual(heard.ends, [code]);
    assert.equal(page.sockets.length, 1);
    assert.equal(page.timers, 0);
  });
}

test("a close code speaks of what was sent only on an open line", () => {
  const { page, heard } = lined();
  page.socket.open();
  page.socket.drop(4400);
  assert.deepEqual(heard.states.at(-1), ["lost", 0]);
  page.pass(500);
  page.socket.open();
  page.socket.say(WELCOME);
  page.socket.drop(4400);
  assert.deepEqual(heard.states.at(-1), ["lost", 4400]);
});

test("a stopped line leaves nothing behind", () => {
  const { page, line } = lined();
  page.socket.drop();
  line.stop();
  page.happen("online");
  page.pass(60000);
  assert.equal(page.sockets.length, 1);
});

const BROKEN = [
  "", "{", "null", "[]", "5", '"welcome"', "{}", '{"type":"constructor"}', '{"type":"__proto__"}',
  '{"type":"message"}', '{"type":"message","id":5,"author":"bot"}',
  '{"type":"message","id":"a","author":"cat"}', '{"type":"message","id":"a","author":"bot","seq":-1}',
  '{"type":"message","id":"a","author":"bot","seq":1.5}', '{"type":"stored","id":"a"}',
  '{"type":"stored","id":"a","seq":"1"}', '{"type":"accepted","id":"a"}', '{"type":"owner","owner":"cat"}',
  '{"type":"welcome","owner":"bot"}', '{"type":"error"}', '{"type":"typing"}', '{"type":"skip"}',
];

test("broken frames are ignored and counted", () => {
  const { page, line, heard } = lined();
  page.socket.open();
  for (const frame of BROKEN) page.socket.say(frame);
  assert.equal(line.malformed, BROKEN.length);
  const unknown = BROKEN.filter((one) => one.includes('"type":"constructor"') || one.includes("__proto__"));
  assert.equal(heard.garbled, BROKEN.length - unknown.length);
  assert.deepEqual(heard.frames, []);
});

test("a kind of frame that is not known yet is passed over in silence", () => {
  const { page, heard } = lined();
  page.socket.open();
  page.socket.say({ type: "holiday", wishes: "many" });
  assert.deepEqual([heard.frames, heard.garbled], [[], 0]);
});

test("a message frame takes one known shape", () => {
  const frame = parse(JSON.stringify({ type: "message", id: "a", author: "bot", at: "never",
    buttons: [null, { text: "" }, { text: "Yes", action: "say" }], fields: { a: 1, b: "two" },
    cards: [5, { title: "Tent", lines: ["899 NOK", 5], link: "javascript:alert(1)" }] }));
  assert.deepEqual(frame.buttons, [{ text: "Yes", action: "say" }]);
  assert.deepEqual(frame.cards, [{ kind: "product", title: "Tent", lines: ["899 NOK"], link: null }]);
  assert.deepEqual(frame.fields, { b: "two" });
  assert.deepEqual([frame.text, frame.seq, frame.at, frame.kind], ["", null, null, "message"]);
});

test("a file takes one known shape, and a kind that is not known here is none", () => {
  const file = { attachment_id: "a1", media_type: "image/webp", size: 12 };
  const given = [{ ...file, name: "../x", url: "javascript:alert(1)" }, null, "a1", { ...file, attachment_id: 5 },
    { ...file, media_type: "text/html" }, { ...file, media_type: "image/png; x" }, { ...file, size: -1 },
    { ...file, size: "9" }];
  const files = (attachments) => parse(JSON.stringify({ type: "message", id: "a", author: "bot", attachments })).files;
  assert.deepEqual(files(given), [{ id: "a1", type: "image/webp", size: 12 }]);
  for (const none of [undefined, null, {}, "x", 5]) assert.deepEqual(files(none), []);
});

test("links are web links or none", () => {
  assert.equal(link("https://shop.example/a b"), "https://shop.example/a%20b");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//shop.example", "", null, 5, "blob:x"]) {
    assert.equal(link(bad), null);
  }
});

const owned = (more) => parse(JSON.stringify({ type: "owner", owner: "queue", ...more }));

test("an owner frame takes one known shape", () => {
  assert.deepEqual(owned({ position: 3, wait: { low_seconds: 60, high_seconds: 300 }, case_id: "c1" }),
    { type: "owner", owner: "queue", position: 3, wait: { low: 60, high: 300 }, open_now: true,
      opens_at: null, agent: null, case_id: "c1", rate: false });
  for (const wait of [5, [], {}, { low_seconds: 9 }, { low_seconds: 9, high_seconds: 1 },
    { low_seconds: -1, high_seconds: 5 }, { low_seconds: "1", high_seconds: "5" }]) {
    assert.equal(owned({ wait }).wait, null);
  }
  const odd = owned({ position: 0, opens_at: "soon", rate: "yes", case_id: 5 });
  assert.deepEqual([odd.position, odd.opens_at, odd.rate, odd.case_id], [null, null, false, null]);
});

test("what the bot knows for the form is text by key", () => {
  const said = { type: "message", id: "a", author: "bot" };
  assert.deepEqual(parse(JSON.stringify({ ...said, known: { order_number: "1", x: 5 } })).known,
    { order_number: "1" });
  assert.deepEqual(parse(JSON.stringify({ ...said, known: [1] })).known, {});
});

test("a name stays on its line and does not turn it", () => {
  const said = (speaker) => parse(JSON.stringify({ type: "message", id: "a", author: "agent", speaker })).speaker;
  assert.equal(said("Ka\u202eri\u0000\u2069\n"), "Kari");
  assert.equal(said("\u202e"), null);
  assert.equal(said("Å".repeat(500)).length, 80);
  assert.equal(owned({ agent: "Ka\u202eri" }).agent, "Kari");
});
