// A conversation over a line that breaks: nothing lost, nothing twice, gaps healed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Session } from "../../../services/gateway/widget/session.js";
import { Page, WELCOME } from "./page.mjs";

const KEPT = { conversation_id: "c1", token: "secret" };

function talking(begin = async () => KEPT) {
  const page = new Page();
  const told = { turns: [], owners: [], states: [], ended: [], refused: [], began: [], typing: 0,
    accepted: [], garbled: 0 };
  const session = new Session("ws://gateway.example/v1/socket", () => "en", { begin,
    turn: (op, entry) => { if (op === "insert") told.turns.push(entry); },
    objects: (objects) => { told.objects = objects; },
    owner: (owner) => told.owners.push(owner), state: (state) => told.states.push(state),
    ended: (code) => told.ended.push(code), refused: (frame, code) => told.refused.push([frame, code]),
    typing: () => { told.typing += 1; }, began: (kept) => told.began.push(kept),
    accepted: (frame) => told.accepted.push(frame?.type), garbled: () => { told.garbled += 1; } }, page);
  return { page, session, told };
}

function connected() {
  const all = talking();
  all.session.resume(KEPT);
  all.page.socket.open();
  all.page.socket.say(WELCOME);
  return all;
}

const messages = (socket) => socket.sent.filter((frame) => frame.type === "message");

test("what was not acknowledged is sent again with the same id", () => {
  const { page, session, told } = connected();
  session.say("hello");
  const [first] = messages(page.socket);
  page.socket.drop();
  assert.equal(told.turns[0].state, "waiting");
  page.pass(500);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket), [first]);
  page.socket.say({ type: "accepted", client_id: first.client_id, id: "m1" });
  page.socket.drop();
  page.pass(20000);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket), []);
  assert.equal(told.turns.length, 1);
});

test("messages written offline go out once, in order", () => {
  const { page, session } = connected();
  page.socket.drop();
  for (const text of ["one", "two", "three"]) session.say(text);
  page.pass(1000);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket).map((frame) => frame.text), ["one", "two", "three"]);
});

test("a hello after a loss asks for what came after the last number without a gap", () => {
  const { page } = connected();
  page.socket.say({ type: "message", id: "a", author: "bot", text: "a", seq: 1 });
  page.socket.say({ type: "stored", id: "c", seq: 3 });
  page.socket.drop();
  page.pass(500);
  page.socket.open();
  assert.deepEqual(page.socket.sent[0], { type: "hello", ...KEPT, last_seq: 1 });
});

test("a stored number of an unknown message is asked for, a few times and not for ever", () => {
  const { page } = connected();
  const asked = () => page.socket.sent.filter((frame) => frame.type === "resume");
  page.socket.say({ type: "stored", id: "a", seq: 1 });
  page.pass(250);
  assert.deepEqual(asked(), [{ type: "resume", after_seq: 0 }]);
  page.socket.say({ type: "message", id: "a", author: "bot", text: "a", seq: 1 });
  page.pass(60000);
  assert.equal(asked().length, 1);
  page.socket.say({ type: "stored", id: "z", seq: 9 });
  page.pass(600000);
  assert.equal(asked().length, 6);
});

test("a line that swallows messages is dropped and tried again", () => {
  const { page, session } = connected();
  session.say("hello");
  page.pass(17000);
  assert.ok(page.sockets.length > 1);
});

test("a refused message can be sent again by hand, and is the same message", () => {
  const { page, session, told } = connected();
  session.say("hello");
  const [frame] = messages(page.socket);
  page.socket.say({ type: "error", code: "too_fast", client_id: frame.client_id });
  assert.deepEqual([told.turns[0].state, told.turns[0].reason], ["failed", "too_fast"]);
  session.retry(frame);
  assert.deepEqual(messages(page.socket), [frame, frame]);
});

test("an undelivered message stays in the outbox", () => {
  const { page, session } = connected();
  session.say("hello");
  const [frame] = messages(page.socket);
  page.socket.say({ type: "error", code: "try_again", client_id: frame.client_id });
  page.socket.drop(1013);
  page.pass(500);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket), [frame]);
});

for (const code of [4400, 1009]) {
  test(`a frame that closed the line with ${code} is not sent again`, () => {
    const { page, session, told } = connected();
    session.say("poison");
    page.socket.drop(code);
    page.pass(500);
    page.socket.open();
    page.socket.say(WELCOME);
    assert.deepEqual(messages(page.socket), []);
    assert.equal(told.turns[0].state, "failed");
  });
}

test("a refused form comes back to be corrected", () => {
  const { page, session, told } = connected();
  session.handoff("track_parcel", { order_number: "10482217" });
  const frame = page.socket.sent.at(-1);
  assert.deepEqual(Object.keys(frame).sort(), ["client_id", "fields", "locale", "topic", "type"]);
  page.socket.say({ type: "error", code: "invalid_form", client_id: frame.client_id });
  assert.deepEqual(told.refused, [[frame, "invalid_form"]]);
});

test("erased is the end, once", () => {
  const { page, told } = connected();
  page.socket.say({ type: "erased" });
  page.pass(60000);
  assert.deepEqual(told.ended, [4410]);
  assert.equal(page.sockets.length, 1);
  assert.equal(page.timers, 0);
});

test("the first message starts a conversation, and waits while the gateway is away", async () => {
  let calls = 0;
  const begin = async () => { calls += 1; if (calls === 1) throw new TypeError("no network"); return KEPT; };
  const { page, session, told } = talking(begin);
  session.say("hello");
  const begun = session.beginning;
  await new Promise((go) => { setImmediate(go); });
  assert.deepEqual(told.states, ["lost"]);
  page.pass(500);
  await begun;
  assert.deepEqual(told.began, [KEPT]);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.equal(messages(page.socket).length, 1);
});

test("two first messages begin one conversation", async () => {
  const { session, told } = talking();
  session.say("hello");
  session.say("again");
  await session.beginning;
  assert.deepEqual(told.began, [KEPT]);
});

test("a refusal to begin fails what was written; sending it again begins anew", async () => {
  let isRefused = true;
  const begin = async () => {
    if (isRefused) throw Object.assign(new Error(), { isFinal: true, code: "too_many_conversations" });
    return KEPT;
  };
  const { session, told } = talking(begin);
  session.say("hello");
  await session.beginning;
  assert.equal(told.turns[0].state, "failed");
  isRefused = false;
  session.retry(told.turns[0].frame);
  await session.beginning;
  assert.deepEqual(told.began, [KEPT]);
});

test("a second request for a person is no fault of the form", () => {
  const { page, session, told } = connected();
  session.handoff("track_parcel", {});
  const { client_id: clientId } = page.socket.sent.at(-1);
  page.socket.say({ type: "error", code: "already_waiting", client_id: clientId });
  assert.deepEqual(told.refused, []);
});

const again = (page) => {
  page.socket.drop();
  page.pass(20000);
  page.socket.open();
  page.socket.say(WELCOME);
};

test("who wants to leave the queue leaves it, whatever happens to the line", () => {
  const { page, session, told } = connected();
  session.leave();
  const [frame] = page.socket.sent.filter(({ type }) => type === "leave_queue");
  assert.deepEqual(Object.keys(frame).sort(), ["client_id", "type"]);
  again(page);
  assert.deepEqual(page.socket.sent.at(-1), frame);
  page.socket.say({ type: "accepted", client_id: frame.client_id, id: "e1" });
  assert.deepEqual([told.accepted, told.turns], [["leave_queue"], []]);
});

test("a wish to leave that comes too late is told, and not repeated", () => {
  const { page, session, told } = connected();
  session.leave();
  const frame = page.socket.sent.at(-1);
  page.socket.say({ type: "error", code: "not_waiting", client_id: frame.client_id });
  assert.deepEqual(told.refused, [[frame, "not_waiting"]]);
  again(page);
  assert.deepEqual(page.socket.sent.map(({ type }) => type), ["hello"]);
});

test("a rating names its case and its score, or no score", () => {
  const { page, session } = connected();
  session.rate("c7", 4);
  session.rate("c7", null);
  const sent = page.socket.sent.slice(-2);
  assert.deepEqual(sent.map(({ type, case_id: id, score }) => [type, id, score]),
    [["rate", "c7", 4], ["rate", "c7", null]]);
});

test("that the visitor writes is told to an agent only, and every four seconds at most", () => {
  const { page, session } = connected();
  const told = () => page.socket.sent.filter(({ type }) => type === "typing").length;
  for (const owner of ["bot", "queue", "filed"]) {
    page.socket.say({ ...WELCOME, type: "owner", owner });
    session.typing();
  }
  assert.equal(told(), 0);
  page.socket.say({ ...WELCOME, type: "owner", owner: "agent" });
  for (let key = 0; key < 90; key += 1) {
    session.typing();
    page.pass(100);
  }
  assert.equal(told(), 3);
  assert.deepEqual(page.socket.sent.at(-1), { type: "typing" });
});

test("typing that could not be sent does not count as told", () => {
  const { page, session } = connected();
  page.socket.say({ ...WELCOME, owner: "agent" });
  page.socket.drop();
  session.typing();
  page.pass(1000);
  page.socket.open();
  page.socket.say({ ...WELCOME, owner: "agent" });
  session.typing();
  assert.equal(page.socket.sent.filter(({ type }) => type === "typing").length, 1);
});

test("an agent's typing is heard", () => {
  const { page, told } = connected();
  page.socket.say({ type: "typing", author: "agent" });
  page.socket.say({ type: "typing", author: "bot" });
  assert.equal(told.typing, 1);
});

test("an objection that the desk or another tab has set is heard at once", () => {
  const { page, told } = connected();
  for (const objects of [true, false]) {
    page.socket.say({ type: "objection", objects });
    assert.equal(told.objects, objects);
  }
  page.socket.say({ type: "objection", objects: "yes" });
  assert.equal(told.objects, false);
});

test("whether the visitor objects is heard with every welcome, and only as true or false", () => {
  for (const [said, heard] of [[true, true], [false, false], [undefined, false], ["yes", false]]) {
    const { page, told } = connected();
    page.socket.say({ ...WELCOME, objects: said });
    assert.equal(told.objects, heard);
  }
});

const FILE = { attachment_id: "a1", media_type: "image/png", size: 9 };

test("a message with files is shown at once and goes when its files are given, once", () => {
  const { page, session, told } = connected();
  const files = [{ key: "k1", name: "box.png", type: "image/png", size: 9 }];
  const frame = session.show("", files);
  assert.deepEqual(told.turns.map((entry) => [entry.text, entry.files, entry.state]), [["", files, "sending"]]);
  page.socket.drop();
  page.pass(1000);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket), [], "its files are not given yet");
  files[0].id = "a1";
  session.retry(Object.assign(frame, { attachments: ["a1"] }));
  page.socket.drop();
  page.pass(1000);
  page.socket.open();
  page.socket.say(WELCOME);
  assert.deepEqual(messages(page.socket).map(({ attachments }) => attachments), [["a1"]]);
  const back = { type: "message", id: "m1", seq: 1, author: "visitor", text: "", attachments: [FILE] };
  page.socket.say(back);
  page.socket.say({ type: "accepted", client_id: frame.client_id, id: "m1" });
  assert.equal(told.turns.length, 1, "what comes back before it was accepted is the same message");
});

test("two messages with nothing but other files are two", () => {
  const { page, session, told } = connected();
  session.show("", [{ id: "a2", type: "image/png", size: 9 }]);
  page.socket.say({ type: "message", id: "m1", seq: 1, author: "visitor", text: "", attachments: [FILE] });
  assert.equal(told.turns.length, 2);
});

test("a message that is taken back is gone, and nothing else", () => {
  const { session, told } = connected();
  session.say("stays");
  const frame = session.show("goes", []);
  session.timeline.withdraw(frame.client_id);
  session.timeline.withdraw(frame.client_id);
  assert.deepEqual(session.timeline.entries.map(({ text }) => text), ["stays"]);
  assert.equal(told.turns.length, 2);
});
