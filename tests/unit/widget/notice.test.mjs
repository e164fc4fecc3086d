// A sound and a title for who looks elsewhere: on wish only, and nothing of it stays.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Notice } from "../../../services/gateway/widget/human/notice.js";

function quietPage({ hasSound = true } = {}) {
  const page = { sounds: 0, now: 0, Date: { now: () => page.now }, listeners: [],
    document: { hidden: false, title: "Shop", addEventListener: (_, act) => page.listeners.push(act) } };
  const part = () => ({ frequency: {}, connect: (next) => next, start() {}, stop() {},
    gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} } });
  page.AudioContext = class {
    currentTime = 0;
    constructor() { if (!hasSound) throw new Error("no sound"); page.sounds += 1; }
    createOscillator() { return part(); }
    createGain() { return part(); }
    resume() { return { then: (_, refused) => refused() }; }
    close() {}
  };
  page.look = (isLooking) => { page.document.hidden = !isLooking; page.listeners.forEach((act) => act()); };
  const kept = { conversation_id: "c1", token: "t" };
  const keep = { read: () => keep.kept, write: (next) => { keep.kept = next; }, kept };
  return { page, keep, notice: new Notice(keep, () => "Fjellbekk", page) };
}

test("without the wish nothing happens", () => {
  const { page, notice } = quietPage();
  page.look(false);
  notice.tell("Kari is here now");
  assert.deepEqual([notice.isOn, page.sounds, page.document.title], [false, 0, "Shop"]);
});

test("the wish stays with the conversation, and is heard at once", () => {
  const { page, keep, notice } = quietPage();
  notice.set(true);
  assert.deepEqual(keep.kept, { conversation_id: "c1", token: "t", notice: true });
  assert.deepEqual([notice.isOn, page.sounds], [true, 1]);
  notice.set(false);
  notice.tell("Kari is here now");
  assert.deepEqual([notice.isOn, page.sounds], [false, 1]);
});

test("a page nobody looks at has the news in its title until somebody does", () => {
  const { page, notice } = quietPage();
  notice.set(true);
  notice.tell("Kari is here now");
  assert.equal(page.document.title, "Shop");
  page.look(false);
  notice.tell("Kari is here now");
  notice.tell("Kari has answered");
  assert.equal(page.document.title, "Kari has answered – Shop");
  page.look(true);
  assert.equal(page.document.title, "Shop");
});

test("a title that the shop has set since is left alone", () => {
  const { page, notice } = quietPage();
  notice.set(true);
  page.look(false);
  notice.tell("Kari is here now");
  page.document.title = "Tents";
  page.look(true);
  assert.equal(page.document.title, "Tents");
  page.look(false);
  notice.tell("Kari has answered");
  page.look(true);
  assert.equal(page.document.title, "Tents");
});

test("many messages at once are one sound", () => {
  const { page, notice } = quietPage();
  notice.set(true);
  for (page.now = 0; page.now < 3000; page.now += 500) notice.tell("Kari has answered");
  assert.equal(page.sounds, 2);
  notice.tell("Kari has answered");
  assert.equal(page.sounds, 3);
});

test("a browser without sound has the title", () => {
  const { page, notice } = quietPage({ hasSound: false });
  notice.set(true);
  page.look(false);
  notice.tell("Kari is here now");
  assert.equal(page.document.title, "Kari is here now – Shop");
});

function asking(page, permission) {
  page.notes = [];
  page.asked = 0;
  page.focus = () => { page.focused = true; };
  page.Notification = class {
    static permission = permission;
    static requestPermission() { page.asked += 1; }
    constructor(title, { body, silent }) { page.notes.push({ title, body, silent, note: this }); }
    close() { this.isClosed = true; }
  };
}

test("the browser is asked for notifications when the switch is pressed, and not otherwise", () => {
  const { page, keep, notice } = quietPage();
  asking(page, "default");
  keep.kept.notice = true;
  page.look(false);
  notice.tell("Kari is here now");
  assert.deepEqual([page.asked, page.notes.length], [0, 0]);
  notice.set(false);
  assert.equal(page.asked, 0);
  notice.set(true);
  assert.equal(page.asked, 1);
  page.Notification.permission = "denied";
  notice.set(true);
  assert.equal(page.asked, 1);
});

test("a notification says who is there to whoever looks elsewhere, and leads back", () => {
  const { page, notice } = quietPage();
  asking(page, "granted");
  notice.set(true);
  notice.tell("Kari is here now");
  assert.equal(page.notes.length, 0);
  page.look(false);
  notice.tell("Kari is here now");
  const [{ note, ...said }] = page.notes;
  assert.deepEqual(said, { title: "Fjellbekk", body: "Kari is here now", silent: true });
  note.onclick();
  assert.deepEqual([page.focused, note.isClosed], [true, true]);
});

test("a browser that knows notifications of service workers only has sound and title", () => {
  const { page, notice } = quietPage();
  page.Notification = class { static permission = "granted"; constructor() { throw new TypeError(); } };
  notice.set(true);
  page.look(false);
  notice.tell("Kari is here now");
  assert.equal(page.document.title, "Kari is here now – Shop");
});
