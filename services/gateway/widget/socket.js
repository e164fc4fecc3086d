/** The line to the gateway and what may come over it: a frame of another shape is ignored, never half used. */

/** How long to wait before trying again: 0.5 s, doubling to 15 s, spread so that not all come at once. */
export function delay(attempt, random = Math.random) {
  const full = Math.min(15000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.5 + random() / 2));
}

/** Close codes after which coming back is useless: token wrong, page not allowed, erased. */
const FINAL = new Set([4401, 4403, 4410]);
const PATIENCE = 10000;
const SLOW = 1000;
const STEADY = 5000;
const OPEN = 1;

/** Tries without a welcome before the other way is tried; more of them where a socket has worked. */
const BLANKS = 2;
const MANY_BLANKS = 8;

/** The pages whose network lets no sockets through: there every line polls. What polls is fetched then. */
const POLLING = new WeakSet();
let Poll = null;

/**
 * `hello()` gives the first frame of each try; `on` is told: frame(frame), garbled(), state("connecting" |
 * "open" | "lost"), end(code). `page` stands for the browser, so that tests bring their own.
 */
export class Line {
  #url; #hello; #on; #page;
  #socket = null;
  #attempt = 0;
  #blanks = 0;
  #mayBlank = BLANKS;
  #isWelcomed = false;
  #openedAt = Infinity;
  #timer = null;
  #isOpen = false;
  #isStopped = true;

  /** Frames that were ignored because their shape was wrong. */
  malformed = 0;

  constructor(url, hello, on, page = globalThis) {
    this.#url = url;
    this.#hello = hello;
    this.#on = on;
    this.#page = page;
  }

  start() {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#page.addEventListener?.("online", this.nudge);
    this.#page.addEventListener?.("offline", this.restart);
    this.#page.document?.addEventListener("visibilitychange", this.nudge);
    this.#connect();
  }

  stop() {
    this.#isStopped = true;
    this.#page.removeEventListener?.("online", this.nudge);
    this.#page.removeEventListener?.("offline", this.restart);
    this.#page.document?.removeEventListener("visibilitychange", this.nudge);
    this.#leave();
  }

  /** Sends a frame if the gateway has welcomed us; false when it must wait. */
  send(frame) {
    if (!this.#isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Waiting for the next try? Then try now: the network is back, or the visitor looks at the page. */
  nudge = () => {
    if (!this.#isStopped && !this.#socket) this.#connect();
  };

  /** The line looks open but is dead: drop it and try again. */
  restart = () => {
    if (!this.#isStopped && this.#socket) this.#retry();
  };

  async #connect() {
    this.#leave();
    if (this.#isPolling && !Poll) {
      try {
        ({ Poll } = await import("./lines/poll.js"));
      } catch {
        return this.#retry();
      }
      if (this.#isStopped || this.#socket) return;
    }
    this.#dial();
  }

  /* Where no socket is let through, every other try is a poll, until one of them is welcomed. */
  get #isPolling() {
    const over = this.#blanks - this.#mayBlank;
    return POLLING.has(this.#page) || (over >= 0 && over % 2 === 0);
  }

  #dial() {
    const socket = this.#isPolling ? new Poll(this.#url, this.#page) : new this.#page.WebSocket(this.#url);
    this.#socket = socket;
    this.#timer = this.#page.setTimeout(() => this.#slow(), SLOW);
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  #welcomed() {
    this.#isWelcomed = true;
    if (this.#isPolling) POLLING.add(this.#page);
    else this.#mayBlank = MANY_BLANKS;
    this.#blanks = 0;
    this.#opened();
  }

  /* Connected but not yet welcomed: the history is slow to come, which need not stop the talking. */
  #slow() {
    if (this.#socket.readyState === OPEN) return this.#opened();
    if (this.#attempt === 0) this.#on.state("connecting");
    this.#timer = this.#page.setTimeout(() => this.#giveUp(), PATIENCE);
  }

  /* A handshake that is swallowed takes long to notice: once is enough to try the other way. */
  #giveUp() {
    this.#blanks += 1;
    this.#retry();
  }

  #opened() {
    this.#page.clearTimeout(this.#timer);
    if (this.#isOpen) return;
    this.#openedAt = this.#page.Date.now();
    this.#isOpen = true;
    this.#on.state("open");
  }

  #heard(data) {
    const frame = parse(data);
    if (frame) this.#on.frame(frame);
    else this.malformed += 1;
    if (frame === null) this.#on.garbled();
    if (frame?.type === "welcome") this.#welcomed();
  }

  /* Only on an open line does a close code speak of what was sent. */
  #closed(code) {
    if (!FINAL.has(code)) return this.#retry(this.#isOpen ? code : 0);
    this.stop();
    this.#on.end(code);
  }

  /* Only a line that held for a while starts the waiting times anew: no hammering at a closing door. */
  #retry(code) {
    if (this.#page.Date.now() - this.#openedAt > STEADY) this.#attempt = 0;
    this.#openedAt = Infinity;
    if (!this.#isWelcomed && this.#page.navigator?.onLine !== false) this.#blanks += 1;
    this.#leave();
    this.#on.state("lost", code);
    this.#timer = this.#page.setTimeout(() => this.#connect(), delay(this.#attempt));
    this.#attempt += 1;
  }

  #leave() {
    this.#page.clearTimeout(this.#timer);
    this.#isOpen = this.#isWelcomed = false;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}

const OWNERS = ["bot", "queue", "filed", "agent"];
const AUTHORS = ["visitor", "bot", "agent"];

/** The frame in a socket's text, in one known shape; null when it is malformed, undefined when it is of a
 *  kind that is not known here (yet).
 */
export function parse(data) {
  try {
    const frame = JSON.parse(data);
    const shape = SHAPES[frame?.type];
    return !shape && typeof frame?.type === "string" ? undefined : shape?.(frame) || null;
  } catch {
    return null;
  }
}

/** A link that may be shown: http or https; null for anything else. */
export function link(address) {
  try {
    const { protocol, href } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

const SHAPES = {
  __proto__: null,
  welcome: (frame) => isSeq(frame.last_seq)
    && owner(frame, { last_seq: frame.last_seq, objects: frame.objects === true }),
  owner: (frame) => owner(frame),
  message,
  accepted: (frame) => isText(frame.client_id) && isText(frame.id) && frame,
  stored: (frame) => isText(frame.id) && isSeq(frame.seq) && frame,
  skip: (frame) => isSeq(frame.seq) && frame,
  typing: (frame) => frame.author === "agent" && frame,
  objection: (frame) => typeof frame.objects === "boolean" && frame,
  erased: (frame) => frame,
  error: (frame) => isText(frame.code) && frame,
};

const isText = (value) => typeof value === "string";
const isSeq = (value) => Number.isSafeInteger(value) && value >= 0;
const textOrNull = (value) => (isText(value) && value ? value : null);

/* What is on one line among the chat's own words must not turn or break that line. */
const UNPRINTED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
export const nameOrNull = (value) => textOrNull(isText(value) ? value.replace(UNPRINTED, "").slice(0, 80) : null);
const time = (value) => (isText(value) && !Number.isNaN(Date.parse(value)) ? value : null);
const list = (value) => (Array.isArray(value) ? value : []);
const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function owner(frame, more = {}) {
  if (!OWNERS.includes(frame.owner)) return null;
  const position = isSeq(frame.position) && frame.position > 0 ? frame.position : null;
  return { type: frame.type, ...more, owner: frame.owner, position, wait: wait(frame.wait),
    open_now: frame.open_now !== false, opens_at: time(frame.opens_at), agent: nameOrNull(frame.agent),
    case_id: textOrNull(frame.case_id), rate: frame.rate === true };
}

function wait(range) {
  const { low_seconds: low, high_seconds: high } = isPlain(range) ? range : {};
  return isSeq(low) && isSeq(high) && low <= high ? { low, high } : null;
}

function message(frame) {
  const isKnown = isText(frame.id) && AUTHORS.includes(frame.author);
  if (!isKnown || !(frame.seq == null || isSeq(frame.seq))) return null;
  return {
    type: "message", id: frame.id, seq: frame.seq ?? null, author: frame.author,
    kind: frame.kind === "intake" ? "intake" : "message",
    speaker: nameOrNull(frame.speaker), text: isText(frame.text) ? frame.text : "",
    language: textOrNull(frame.language), offer: textOrNull(frame.offer),
    buttons: list(frame.buttons).filter((one) => textOrNull(one?.text)),
    cards: list(frame.cards).map(card).filter(Boolean), fields: fields(frame.fields),
    known: fields(frame.known), at: time(frame.at),
    files: list(frame.attachments).map(file).filter(Boolean),
  };
}

function card(one) {
  if (!textOrNull(one?.title)) return null;
  return { kind: one.kind === "parcel" ? "parcel" : "product", title: one.title,
    lines: list(one.lines).filter(textOrNull), link: link(one.link) };
}

const FILES = /^(image\/(jpeg|png|webp)|application\/pdf)$/;

/** A file as the gateway names it; null when it is none that is known here. */
export const file = (one) => (isText(one?.attachment_id) && FILES.test(one.media_type) && isSeq(one.size)
  ? { id: one.attachment_id, type: one.media_type, size: one.size } : null);

const fields = (given) =>
  (isPlain(given) ? Object.fromEntries(Object.entries(given).filter(([, v]) => isText(v))) : {});
