/** One conversation from its first message to its end: what is sent, what is heard, what is missing. */

import { Line, delay } from "./socket.js";
import { Outbox, Timeline } from "./timeline.js";

/** Close codes that say a frame was malformed or too large: the same frame must not come again. */
const UNREADABLE = new Set([4400, 1009]);
const ANSWER_LIMIT = 12000;
const LOOK_EVERY = 4000;
const GAP_PAUSE = 200;
const GAP_TRIES = 5;
const TYPING_PAUSE = 4000;

/**
 * `on` is told: turn(op, entry, next), owner(owner, isWelcome), typing(), state(state),
 * accepted(frame), refused(frame, code), began(kept), ended(code), garbled(), and asked: begin() →
 * kept, about(type) → what the page says that belongs into a frame. `locale()` is the language.
 */
export class Session {
  #url; #on; #locale; #page; #kept = null; #beginning = null;
  #outbox = new Outbox();
  #line = null;
  #watch = null;
  #healing = null;
  #tries = 0;
  #isAgents = false;
  #typedAt = -Infinity;
  #isOver = false;

  constructor(url, locale, on, page = globalThis) {
    this.#url = url;
    this.#locale = locale;
    this.#on = on;
    this.#page = page;
    this.timeline = new Timeline(on.turn);
  }

  get malformed() { return this.#line?.malformed ?? 0; }

  /** Goes on with a conversation that exists. */
  resume(kept) {
    this.#kept = kept;
    this.#line = new Line(this.#url, () => this.#hello(),
      { frame: (frame) => this.#heard(frame), garbled: () => this.#on.garbled(), state: (state, code) => this.#state(state, code),
        end: (code) => this.#end(code) }, this.#page);
    this.#line.start();
    this.#watch = this.#page.setInterval(() => this.#look(), LOOK_EVERY);
  }

  /** Settles when the conversation that the first message asks for has begun, or was refused. */
  get beginning() { return this.#beginning; }

  /** Shows the visitor's message at once and sends it as soon as there is a line. */
  say(text) { this.#put(this.show(text)); }

  /** Shows the visitor's message at once; its frame, for `retry` to send when its files are given. */
  show(text, files = []) {
    const frame = { type: "message", client_id: newId(), text, locale: this.#locale(),
      ...this.#on.about?.("message") };
    return this.#own(frame, { kind: "message", text, fields: {}, files });
  }

  /** Asks for a person, with the answers of the form. */
  handoff(topic, fields) {
    const frame = { type: "handoff", client_id: newId(), topic, locale: this.#locale(), fields,
      ...this.#on.about?.("handoff") };
    this.#put(this.#own(frame, { kind: "intake", text: "", fields, files: [] }));
  }

  /** Does not want to wait for a person any more, or takes a left message back. */
  leave() { this.#put({ type: "leave_queue", client_id: newId() }); }

  /** Says how a closed case went, 1 to 5; null: the visitor does not want to say. */
  rate(caseId, score) {
    this.#put({ type: "rate", client_id: newId(), case_id: caseId, score });
  }

  /** The visitor is writing: an agent may know, the bot need not. */
  typing() {
    const now = this.#page.Date.now();
    if (!this.#isAgents || now - this.#typedAt < TYPING_PAUSE) return;
    if (this.#line.send({ type: "typing" })) this.#typedAt = now;
  }

  /** Sends a message that is shown already, refused before or not sent yet: it is the same message. */
  retry(frame) {
    this.timeline.mark(frame.client_id, "sending");
    this.#put(frame);
  }

  /** Tells the gateway which language the visitor chose. */
  speak(locale) { this.#line?.send({ type: "locale", locale }); }

  /** Stops listening and sending, for good. */
  stop() {
    this.#isOver = true;
    this.#line?.stop();
    this.#page.clearInterval(this.#watch);
    this.#page.clearTimeout(this.#healing);
  }

  #put(frame) {
    this.#outbox.add(frame);
    this.#send(frame);
    if (!this.#kept) this.#beginning ??= this.#begin().finally(() => { this.#beginning = null; });
  }

  async #begin() {
    for (let attempt = 0; !this.#isOver && !this.#kept; attempt += 1) {
      try {
        const kept = await this.#on.begin();
        if (!this.#isOver) this.#begun(kept);
      } catch (error) {
        if (error.isFinal) return this.#refuseAll(error.code);
        this.#state("lost");
        await new Promise((done) => { this.#page.setTimeout(done, delay(attempt)); });
      }
    }
  }

  #begun(kept) {
    this.#on.began(kept);
    this.resume(kept);
  }

  #hello() {
    const { conversation_id: id, token } = this.#kept;
    this.timeline.expectReplay();
    return { type: "hello", conversation_id: id, token, last_seq: this.timeline.lastSeq };
  }

  #own(frame, shown) {
    const entry = { ...shown, author: "visitor", buttons: [], cards: [], offer: null,
      language: frame.locale, at: new Date().toISOString(), frame };
    this.timeline.addOwn(frame.client_id, entry);
    return frame;
  }

  #send(frame) {
    if (this.#line?.send(frame)) this.#outbox.sent(frame.client_id, this.#page.Date.now());
  }

  #heard(frame) {
    const act = {
      welcome: () => this.#owned(frame, true),
      owner: () => this.#owned(frame, false),
      message: () => this.timeline.receive(frame),
      accepted: () => this.#accepted(frame),
      stored: () => this.timeline.stored(frame.id, frame.seq),
      skip: () => this.timeline.skip(frame.seq),
      typing: () => this.#on.typing(),
      objection: () => this.#on.objects(frame.objects),
      erased: () => this.#end(4410),
      error: () => this.#refused(frame),
    };
    act[frame.type]();
    this.#heal();
  }

  #owned({ type, last_seq: lastSeq, objects, ...owner }, isWelcome) {
    if (isWelcome) this.#on.objects(objects);
    this.#isAgents = owner.owner === "agent";
    this.#on.owner(owner, isWelcome);
  }

  #accepted({ client_id: clientId, id }) {
    const frame = this.#outbox.take(clientId);
    this.timeline.accepted(clientId, id);
    this.#on.accepted(frame);
  }

  /* Final for that message, unless the gateway itself asks for it again; the visitor may retry. */
  #refused({ client_id: clientId, code }) {
    if (!clientId || code === "try_again") return;
    const frame = this.#outbox.take(clientId);
    this.timeline.mark(clientId, "failed", code);
    if (frame && frame.type !== "message" && code !== "already_waiting") this.#on.refused(frame, code);
  }

  #refuseAll(code) {
    this.#on.state("open");
    for (const frame of this.#outbox.waiting()) this.#refused({ client_id: frame.client_id, code });
  }

  #state(state, code) {
    if (UNREADABLE.has(code)) this.#refused({ client_id: this.#outbox.waiting()[0]?.client_id, code });
    if (state !== "open") this.#outbox.lost();
    const shown = state === "open" ? "sending" : "waiting";
    for (const frame of this.#outbox.waiting()) {
      this.timeline.mark(frame.client_id, shown);
      this.#send(frame);
    }
    this.#on.state(state);
  }

  #look() {
    if (this.#outbox.isOverdue(this.#page.Date.now(), ANSWER_LIMIT)) this.#line.restart();
  }

  /* A number without its message: ask for what is stored, soon, and again if that does not help. */
  #heal() {
    if (!this.timeline.hasGap) this.#tries = 0;
    else if (!this.#healing && this.#tries < GAP_TRIES) {
      this.#healing = this.#page.setTimeout(() => this.#ask(), GAP_PAUSE * 3 ** this.#tries);
    }
  }

  #ask() {
    this.#healing = null;
    if (!this.timeline.hasGap || this.#isOver) return;
    this.#tries += 1;
    this.timeline.expectReplay();
    this.#line.send({ type: "resume", after_seq: this.timeline.lastSeq });
    this.#heal();
  }

  #end(code) {
    if (this.#isOver) return;
    this.stop();
    this.#on.ended(code);
  }
}

/** An id of our own. crypto.randomUUID exists on secure pages only; a shop's test page may be plain http. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((n) => n.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
