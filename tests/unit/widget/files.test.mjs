// Files before they are given: what they are, what keeps them back, how a refusal is said, how they go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { TYPES, faults, isLasting, nameOf, refusal, sizeOf, typeOf }
  from "../../../services/gateway/widget/files/rules.js";
import { upload } from "../../../services/gateway/widget/files/upload.js";

const PDF = { type: "application/pdf", size: 1200 };
const LARGEST = 5 * 1024 * 1024;
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test("a file is what its first bytes say", () => {
  assert.equal(typeOf(bytes("\xff\xd8\xff\xe0 and so on")), "image/jpeg");
  assert.equal(typeOf(bytes("\x89PNG\r\n\x1a\n....")), "image/png");
  assert.equal(typeOf(bytes("RIFF....WEBPVP8L")), "image/webp");
  assert.equal(typeOf(bytes("%PDF-1.7")), "application/pdf");
  for (const other of ["", "%PD", " %PDF-1.7", "<svg onload=alert(1)>", "RIFF....WAVEfmt ", "GIF89a", "MZ"]) {
    assert.equal(typeOf(bytes(other)), undefined, other);
  }
  assert.equal(TYPES, "image/jpeg,image/png,image/webp,application/pdf");
});

test("what keeps a file back is said of that file alone", () => {
  const files = [PDF, { size: 9 }, { ...PDF, size: LARGEST + 1 }, { type: undefined, size: 0 },
    { ...PDF, size: LARGEST }, { ...PDF, fault: "damaged" }];
  assert.deepEqual(faults(files, 0, true), [null, "type", "large", "empty", null, "damaged"]);
});

test("the sixth of a conversation is too many, those that are kept back do not count", () => {
  const five = Array(5).fill(PDF);
  assert.deepEqual(faults([{ size: 9 }, ...five, PDF], 0, true), ["type", ...Array(5).fill(null), "many"]);
  assert.deepEqual(faults([PDF, PDF], 4, true), [null, "many"]);
  assert.deepEqual(faults([PDF], 9, true), ["many"]);
});

test("without people nothing can be sent, and what was wrong is wrong again when they are back", () => {
  const files = [PDF, { size: 9 }];
  assert.deepEqual(faults(files, 0, false), ["over", "over"]);
  assert.deepEqual(faults(files, 0, true), [null, "type"]);
});

test("every code that the gateway refuses files with has words in every language", () => {
  const codes = readFileSync("docs/visitor-api.md", "utf8").match(/`(attachment\w+|unknown_attachment)`/g)
    .map((one) => one.slice(1, -1)).filter((code) => !["attachments", "attachment_id"].includes(code));
  assert.ok(new Set(codes).size >= 7);
  for (const language of ["nb", "sv", "da", "fi", "en"]) {
    const url = `services/gateway/widget/words/${language}.json`;
    const { file } = JSON.parse(readFileSync(url, "utf8")).files;
    for (const code of codes) {
      assert.notEqual(refusal(code), "refused", code);
      assert.ok(file[refusal(code)], code);
    }
    for (const fault of ["empty", "type", "large", "many", "over", "refused"]) assert.ok(file[fault], fault);
  }
  assert.equal(refusal("token_wrong"), "refused");
  assert.equal(refusal(undefined), "refused");
});

test("only what is wrong with the file itself stays wrong", () => {
  assert.deepEqual(["pixels", "many", "over", "refused"].map(isLasting), [true, true, false, false]);
});

test("sizes in words and a name of our own", () => {
  assert.equal(sizeOf(1, "en-GB"), "1 kB");
  assert.equal(sizeOf(340_400, "nb"), "340 kB");
  assert.equal(sizeOf(1_250_000, "sv").replace(/\s/, " "), "1,3 MB");
  assert.equal(nameOf({ id: "a1", type: "image/jpeg", name: "../../evil.exe" }), "a1.jpeg");
});

/* A request that the test answers. */
function giving() {
  const told = { far: [] };
  const stopping = new AbortController();
  const page = { XMLHttpRequest: class {
    upload = {};
    headers = {};
    constructor() { told.call = this; }
    open(method, url) { told.opened = `${method} ${url}`; }
    setRequestHeader(name, value) { this.headers[name] = value; }
    send(body) { told.body = body; }
    abort() { this.status = 0; this.response = null; this.onabort(); }
    answer(status, response) { Object.assign(this, { status, response }).onload(); }
  } };
  const done = upload("http://gateway.example/x", "secret", "bytes", (share) => told.far.push(share), stopping.signal, page);
  return { done, told, stopping };
}

test("a file goes with the conversation's key, tells how far it is, and comes back by its id", async () => {
  const { done, told } = giving();
  told.call.upload.onprogress({ loaded: 30, total: 120 });
  told.call.answer(201, { attachment_id: "a1", media_type: "image/png", size: 90, more: "ignored" });
  assert.deepEqual(await done, { id: "a1", type: "image/png", size: 90 });
  assert.deepEqual(told.far, [0.25]);
  assert.equal(told.opened, "PUT http://gateway.example/x");
  assert.deepEqual(told.call.headers, { authorization: "Bearer secret" });
  assert.equal(told.body, "bytes");
});

for (const [what, end, expected] of [
  ["a refusal is final and names its code", ({ told }) => told.call.answer(415, { error: { code: "attachment_type" } }),
    { code: "attachment_type", isFinal: true }],
  ["a service that is away is asked again", ({ told }) => told.call.answer(503, { error: { code: "try_again" } }),
    { code: "try_again", isFinal: false }],
  ["who is too fast waits", ({ told }) => told.call.answer(429, { error: { code: "too_fast" } }),
    { code: "too_fast", isFinal: false }],
  ["an answer of another shape is no file", ({ told }) => told.call.answer(201, { attachment_id: 7 }),
    { code: undefined, isFinal: false }],
  ["an answer that is no JSON is no file", ({ told }) => told.call.answer(201, null),
    { code: undefined, isFinal: false }],
  ["what is stopped is not final", ({ stopping }) => stopping.abort(), { code: undefined, isFinal: false }],
]) {
  test(what, async () => {
    const all = giving();
    end(all);
    await assert.rejects(all.done, expected);
  });
}
