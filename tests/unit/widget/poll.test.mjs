// Where sockets are blocked: the same frames over plain requests, chosen late and then remembered.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Poll } from "../../../services/gateway/widget/lines/poll.js";
import { Line } from "../../../services/gateway/widget/socket.js";
import { Page, WELCOME } from "./page.mjs";

const settled = () => new Promise((done) => { setImmediate(done); });

/* A page whose requests are answered by the test, in the order in which they came. */
function requesting() {
  const page = new Page();
  page.calls = [];
  page.fetch = (url, { body, headers, signal }) => new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
    const answer = (given, status = 200) => {
      resolve({ ok: status < 400, status, json: async () => given });
      return settled();
    };
    page.calls.push({ path: url.replace("http://gateway.example/v1/", ""), body, headers, answer,
      fail: () => { reject(new Error("no network")); return settled(); } });
  });
  page.call = (path) => page.calls.findLast((one) => one.path === path);
  page.count = (path) => page.calls.filter((one) => one.path === path).length;
  return page;
}

async function opened() {
  const page = requesting();
  const heard = { frames: [], closed: [] };
  const poll = new Poll("ws://gateway.example/v1/socket", page);
  Object.assign(poll, { onopen: () => poll.send("hello"),
    onmessage: ({ data }) => heard.frames.push(JSON.parse(data)),
    onclose: ({ code }) => heard.closed.push(code) });
  page.pass(0);
  await settled();
  await page.call("lines").answer({ line: "secret" });
  return { page, poll, heard };
}

test("the first frame opens a line; its secret travels in a header only", async () => {
  const { page, poll } = await opened();
  assert.equal(page.call("lines").body, "hello");
  assert.equal(page.call("lines").headers.authorization, undefined);
  assert.equal(page.call("lines/poll").headers.authorization, "Bearer secret");
  assert.ok(page.calls.every(({ path }) => !path.includes("secret")));
  poll.close();
});

test("frames go out one behind the other, and come in as they are polled", async () => {
  const { page, poll, heard } = await opened();
  poll.send("one");
  poll.send("two");
  await settled();
  assert.equal(page.count("lines/frames"), 1);
  await page.call("lines/frames").answer(null, 202);
  assert.equal(page.call("lines/frames").body, "two");
  await page.call("lines/poll").answer({ frames: [WELCOME, { type: "erased" }], close: null });
  assert.deepEqual(heard.frames.map(({ type }) => type), ["welcome", "erased"]);
  await page.call("lines/poll").answer({ frames: [], close: null });
  assert.equal(page.count("lines/poll"), 3);
  poll.close();
});

test("a close code comes behind the frames before it, and ends the polling", async () => {
  const { page, heard } = await opened();
  await page.call("lines/poll").answer({ frames: [{ type: "erased" }], close: 4410 });
  assert.deepEqual([heard.frames.length, heard.closed], [1, [4410]]);
  assert.equal(page.count("lines/poll"), 1);
});

for (const [status, code] of [[401, 4401], [403, 4403], [400, 4400], [429, 1006], [503, 1006]]) {
  test(`a hello that is answered with ${status} closes with ${code}`, async () => {
    const page = requesting();
    const poll = new Poll("ws://gateway.example/v1/socket", page);
    let closed = null;
    Object.assign(poll, { onopen: () => poll.send("hello"), onclose: (event) => { closed = event.code; } });
    page.pass(0);
    await settled();
    await page.call("lines").answer({}, status);
    assert.equal(closed, code);
  });
}

test("a line that the gateway does not know any more is only lost, and too large is too large", async () => {
  const unknown = await opened();
  await unknown.page.call("lines/poll").answer({}, 401);
  assert.deepEqual(unknown.heard.closed, [1006]);
  const large = await opened();
  large.poll.send("long");
  await settled();
  await large.page.call("lines/frames").answer({}, 413);
  assert.deepEqual(large.heard.closed, [1009]);
});

test("an answer that never comes is not waited for", async () => {
  const { page, heard } = await opened();
  page.pass(76000);
  assert.deepEqual(heard.closed, [1006]);
});

function lined() {
  const page = requesting();
  const ways = () => `${page.sockets.length} sockets, ${page.count("lines")} polls`;
  const line = () => {
    const made = new Line("ws://gateway.example/v1/socket", () => ({ type: "hello" }),
      { frame: () => {}, end: () => {}, state: () => {} }, page);
    made.start();
    return made;
  };
  return { page, line, ways };
}

/* Loses what there is, and waits for the next try. */
async function next(page) {
  const tries = () => page.sockets.length + page.count("lines");
  const before = tries();
  page.socket.drop();
  for (let n = 0; n < 80 && tries() === before; n += 1) {
    page.pass(250);
    await settled();
    await settled();
  }
}

async function blocked(page) {
  await next(page);
  await next(page);
}

test("two sockets that fail lead to a poll, and the page remembers what was welcomed", async () => {
  const { page, line, ways } = lined();
  const first = line();
  await blocked(page);
  assert.equal(ways(), "2 sockets, 1 polls");
  await page.call("lines").answer({ line: "secret" });
  await page.call("lines/poll").answer({ frames: [WELCOME], close: null });
  assert.equal(first.send({ type: "typing" }), true);
  await page.call("lines/poll").answer({}, 503);
  page.pass(15000);
  await settled();
  assert.equal(ways(), "2 sockets, 2 polls");
  first.stop();
  const second = line();
  page.pass(0);
  await settled();
  assert.equal(ways(), "2 sockets, 3 polls");
  second.stop();
});

test("a poll that fails too leads back to a socket: the gateway may only be away", async () => {
  const { page, line, ways } = lined();
  const only = line();
  await blocked(page);
  await page.call("lines").fail();
  page.pass(2500);
  assert.equal(ways(), "3 sockets, 1 polls");
  only.stop();
});

test("where a socket has worked, an outage or a lost network does not lead to polls soon", async () => {
  const { page, line, ways } = lined();
  const only = line();
  page.socket.open();
  page.socket.say(WELCOME);
  page.navigator = { onLine: false };
  for (let n = 0; n < 20; n += 1) await next(page);
  page.navigator = { onLine: true };
  for (let n = 0; n < 7; n += 1) await next(page);
  assert.equal(page.count("lines"), 0);
  await next(page);
  assert.equal(ways(), "28 sockets, 1 polls");
  only.stop();
});

test("one handshake that never ends is enough", async () => {
  const { page, line, ways } = lined();
  const only = line();
  page.pass(11500);
  await settled();
  page.pass(0);
  await settled();
  assert.equal(ways(), "1 sockets, 1 polls");
  only.stop();
});
