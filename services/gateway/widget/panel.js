/** The chat panel: brings conversation, view, menu and form together. Loaded at the first use. */

import { Api, Keep, announce } from "./api.js";
import { current, live, refresh, say, use } from "./dom.js";
import { Menu } from "./menu.js";
import { Session } from "./session.js";
import { BOT, Status } from "./status.js";
import { dress } from "./style.js";
import { Turns, howFar } from "./turns.js";
import { View } from "./view.js";
import { Wishes } from "./wishes.js";

/** Called by the loader; rejects when the gateway cannot say who the merchant is. */
export async function start(page) {
  const api = new Api(page.base);
  const keep = new Keep(page.merchant, () => localStorage);
  const language = keep.read()?.locale ?? page.language;
  const [merchant] = await Promise.all([api.merchant(page.merchant, language), use(language)]);
  const panel = new Panel(page, api, keep, merchant);
  // What the page says of its visitor is known before anything can be said.
  await panel.told();
  panel.resume();
  return panel;
}

class Panel {
  #unread = 0; #isErasing = false; #halves = {};
  wishes = new Wishes(this);
  people = null; files = null; session = null; shop = null;

  constructor(page, api, keep, merchant) {
    [this.page, this.api, this.keep, this.merchant] = [page, api, keep, merchant];
    dress(page, page.colour ?? merchant.colour);
    this.wishes.enlarge(keep.read()?.size);
    this.#assemble();
    this.#renew();
    addEventListener("storage", (event) => this.#otherTab(event));
  }

  open() {
    this.#count(0);
    this.view.show();
    this.page.show(true);
    (this.people?.intake.isOpen ? this.people.intake : this.view).focus();
  }

  close() {
    this.menu.close();
    this.view.hide();
    this.page.show(false);
  }

  /** Goes on with the conversation of an earlier page or another tab, if there is one. */
  resume() {
    const kept = this.keep.read();
    if (!kept || this.session) return;
    this.view.quiet();
    this.#newSession().resume(kept);
    announce(kept.conversation_id);
    this.shop?.bind(kept);
  }

  /** The page has said who its visitor is, or what it shows. */
  told() {
    const { token, context } = this.page;
    if (token || context) return this.#with("shop/told", (shop) => (this.shop = shop).heard());
  }

  /** The page's visitor has logged out: nothing stays in this browser, in no tab. */
  logout() {
    this.close();
    this.shop?.forget();
    this.forget();
    announce(null);
  }

  #assemble() {
    const speak = (language) => this.#speak(language);
    const send = (text) => this.#say(text);
    this.turns = new Turns({ say: send, handoff: (topic) => this.#form(topic),
      retry: (entry) => this.#retry(entry), fields: () => this.merchant.intake.flatMap((topic) => topic.fields) });
    this.view = new View(this.page, () => this.merchant,
      { send, speak, person: () => this.#form(null), close: () => this.close(),
        typing: () => this.session?.typing() });
    this.menu = new Menu(this.view.gear, this.merchant.languages, { speak,
      download: (format) => this.wishes.download(format), object: () => this.wishes.object(),
      objects: () => this.wishes.objects, erase: () => this.#with("rights/erase", (erase) => erase.ask()),
      restart: () => this.#with("rights/erase", (erase) => erase.askAnew()),
      canRestart: () => this.keep.read() !== null && this.status.owner === "bot",
      size: () => this.wishes.size, enlarge: (size) => this.wishes.enlarge(size),
      hasConversation: () => this.keep.read() !== null });
    this.status = new Status((told) => this.#tell(told));
    this.view.build(this);
    this.#greet();
  }

  #greet(told) {
    this.turns.greet(() => this.merchant.welcome, told);
  }

  /** The conversation, begun if there is none. */
  talk() { return this.session ?? this.#newSession(); }

  /** Asks again who is there: that may have changed since the page was opened. */
  async look() {
    this.merchant = await this.api.merchant(this.merchant.id, current());
  }

  /** Something has come that the visitor has not seen: a closed chat says so on its button. */
  news() {
    if (!this.view.isOpen) this.#count(this.#unread + 1);
  }

  #count(unread) {
    if (unread !== this.#unread) this.page.tell("unread", { count: unread });
    this.view.badge((this.#unread = unread));
  }

  #tell({ key, values, kind, isHushed }) {
    const text = key ? say(key, { ...values, name: values?.name ?? say("service") }) : "";
    this.view.tell(text, kind, isHushed);
  }

  #newSession() {
    this.session = new Session(this.api.socket, current, {
      begin: () => this.#begin(),
      about: (type) => this.shop?.about(type),
      turn: (op, entry, next) => this.#turn(op, entry, next),
      objects: (objects) => this.wishes.objected(objects),
      owner: (owner, isWelcome) => this.#owned(owner, isWelcome),
      typing: () => this.status.agentWrites(true),
      state: (line) => this.status.set({ line }),
      accepted: (frame) => this.#accepted(frame),
      refused: (frame, code) => this.#withPeople((people) => people.refused(frame, code)),
      began: (kept) => this.#began(kept),
      ended: (code) => this.#ended(code),
      garbled: () => this.status.pass("garbled"),
    });
    return this.session;
  }

  /* The first message is what starts a conversation: nothing is asked for or kept before it. */
  #say(text) {
    if (this.files?.holds) this.files.send(text);
    else if (text) this.talk().say(text);
    this.view.focus();
  }

  async #begin() {
    const kept = this.keep.read() ?? await this.api.begin(this.merchant.id, current());
    await this.shop?.bind(kept);
    return kept;
  }

  #retry({ frame }) {
    if (frame.type === "handoff") this.#form(frame.topic, frame.fields);
    else this.session.retry(frame);
  }

  #began({ conversation_id: id, token }) {
    this.keep.write({ conversation_id: id, token, locale: current(), size: this.wishes.size });
    announce(id);
  }

  #turn(op, entry, next) {
    const item = this.turns.apply(op, entry, next);
    if (entry.files?.length) this.#withFiles((files) => files.turn(op, entry, item));
    if (op === "update" && entry.state === "failed") this.status.pass(howFar(entry));
    if (op !== "insert") return;
    const isOwn = entry.author === "visitor";
    if (!entry.isReplayed && entry.kind !== "note") this.page.tell("message", { author: entry.author });
    if (entry.author === "bot") this.status.botWrites(false);
    if (entry.author === "agent") this.status.agentWrites(false);
    if (this.status.owner === "agent" && entry.speaker) this.#own({ agent: entry.speaker });
    if (entry.at) this.view.spoken(entry.at);
    this.view.follow(isOwn && !entry.id);
    const isNews = !isOwn && entry.kind !== "note" && !entry.isReplayed;
    if (isNews) this.news();
    if (isNews && entry.author === "agent") this.#withPeople((people) => people.heard(entry));
  }

  /* The agent's name comes once, when the agent joins, and with every word the agent says. */
  #owned(told, isWelcome) {
    const before = { owner: this.status.owner, agent: this.status.agent };
    const isSame = told.owner === before.owner;
    const owner = { ...told, agent: told.agent ?? (isSame ? before.agent : null) };
    if (!isSame) this.page.tell("handoff", { to: owner.owner });
    this.#own(owner);
    const isOpen = owner.owner !== "bot" && this.merchant.attachments === "people";
    if (this.files || isOpen) this.#withFiles((files) => files.open(isOpen));
    if (this.people || owner.owner !== "bot" || owner.rate) {
      const session = this.session;
      this.#withPeople((people) => session === this.session && people.owned(owner, before, isWelcome));
    }
  }

  #own(owner) {
    this.status.set(owner);
    this.view.own(this.status);
  }

  /* The answer may overtake the acknowledgement: then nobody is writing any more. */
  #accepted(frame) {
    const isLast = this.session.timeline.entries.at(-1)?.author === "visitor";
    if (isLast && frame?.type === "message" && this.status.owner === "bot") this.status.botWrites(true);
  }

  #form(topic, answers, wasRefused) {
    this.#withPeople((people) => people.form(topic, answers, wasRefused));
  }

  /* What is about people is fetched when people come into the conversation. */
  #withPeople(act) {
    return this.#with("human/people", (people) => act((this.people = people)));
  }

  #withFiles(act) {
    return this.#with("files/files", (files) => act((this.files = files)));
  }

  /* A half of the chat that is fetched when it is first wanted. A failed module may stay in the
     browser's module map, hence another address per attempt. */
  async #with(name, act) {
    const half = (this.#halves[name] ??= { tries: 0 });
    half.coming ??= import(`./${name}.js${half.tries ? `?${half.tries}` : ""}`)
      .then((module) => module.meet(this));
    try {
      half.met = await half.coming;
    } catch {
      half.coming = null;
      half.tries += 1;
      return this.status.pass("unavailable");
    }
    act(half.met);
  }

  async #speak(language) {
    try {
      this.merchant = await this.api.merchant(this.merchant.id, language);
      await use(language);
    } catch {
      this.status.pass("unavailable");
    }
    this.keep.change({ locale: current() });
    this.session?.speak(current());
    this.#renew();
  }

  #renew() {
    this.view.renew();
    this.view.badge(this.#unread);
    if (this.people?.intake.isOpen) this.people.intake.draw();
    this.status.set({});
  }

  /** Deletes the conversation everywhere; the id under which that can be followed. */
  async erase() {
    this.#isErasing = true;
    try {
      const { erasure_id: id } = await this.api.erase(this.keep.read());
      this.forget();
      return id;
    } finally {
      this.#isErasing = false;
    }
  }

  #ended(code) {
    if (this.#isErasing) return;
    if (code === 4403) return this.status.set({ line: "refused" });
    this.forget(live("ended"));
    announce(null);
  }

  /** Nothing of the conversation stays in this browser: not the key, not the words, not the form. */
  forget(told) {
    if (this.session) this.page.tell("ended");
    this.session?.stop();
    this.session = null;
    this.keep.clear();
    this.#count(0);
    this.wishes.objects = false;
    this.turns.clear();
    this.people?.clear();
    this.files?.clear();
    refresh();
    this.#greet(told);
    this.view.take();
    this.#own({ ...BOT, line: "open" });
    this.view.swap(false);
    this.#renew();
  }

  /* Another tab began the conversation, or deleted it. */
  #otherTab({ key, newValue }) {
    if (key !== this.keep.key && key !== null) return;
    if (newValue) this.resume();
    else if (this.session && !this.keep.read()) this.#ended(4410);
  }
}
