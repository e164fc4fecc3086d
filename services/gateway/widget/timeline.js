/** The conversation in order, each message once; and what is not yet acknowledged. Pure: no DOM, no clock. */

/**
 * Keeps entries sorted: by number (`seq`) where it is known, by arrival where it is not yet.
 * `apply(op, entry, next)` hears every change: "insert" and "move" put the entry before `next`
 * (null: at the end), "update" and "remove" are about the entry alone.
 */
export class Timeline {
  #apply;
  #entries = [];
  #byId = new Map();
  #own = new Map();
  #unknown = new Map();
  #held = new Set();
  #highest = 0;
  #jump = true;

  /** The highest number up to which nothing is missing. */
  lastSeq = 0;

  constructor(apply) {
    this.#apply = apply;
  }

  get entries() { return [...this.#entries]; }

  /** Whether a number was heard of whose message, or one before it, is not here. */
  get hasGap() { return this.#highest > this.lastSeq; }

  /** The next numbered message comes from a replay: what is missing before it no longer exists. */
  expectReplay() { this.#jump = true; }

  /** A message frame; the same id again only completes what is known. */
  receive(message) {
    const known = this.#byId.get(message.id) ?? this.#adopt(message);
    const entry = known ?? this.#fresh(message);
    const seq = message.seq ?? this.#unknown.get(message.id) ?? null;
    if (known) this.#complete(known, message);
    else this.#insert(entry, seq);
    if (seq !== null) this.#number(entry, seq, message.seq !== null);
  }

  /** The visitor's own message, shown before anybody has answered for it. */
  addOwn(clientId, message) {
    const entry = { ...message, id: null, seq: null, state: "sending", reason: null };
    this.#own.set(clientId, entry);
    this.#insert(entry, null);
  }

  /** The bus has the visitor's message: from now on it goes by `id`. */
  accepted(clientId, id) {
    const entry = this.#own.get(clientId);
    if (!entry) return;
    const twin = this.#byId.get(id);
    this.#own.delete(clientId);
    if (twin && twin !== entry) this.#remove(entry);
    else if (entry.id && entry.id !== id) this.#part(entry, id);
    else this.#acknowledge(entry, id);
  }

  /** Shows how far an own message has come: "sending", "waiting", "sent", "delivered" or "failed". */
  mark(clientId, state, reason = null) {
    const entry = this.#own.get(clientId);
    if (entry) this.#state(entry, state, reason);
  }

  /** Takes an own message away that is not to be sent. */
  withdraw(clientId) {
    const entry = this.#own.get(clientId);
    if (!this.#own.delete(clientId)) return;
    this.#remove(entry);
  }

  /** The transcript has a message, which may not have come here. */
  stored(id, seq) {
    this.#highest = Math.max(this.#highest, seq);
    const entry = this.#byId.get(id);
    if (entry) this.#number(entry, seq, false);
    else this.#unknown.set(id, seq);
  }

  /** A number in a replay whose message is not shown here, and is no gap. */
  skip(seq) {
    this.#held.add(seq);
    this.#replayed(seq);
  }

  /** A line that is no message, such as "Kari has joined": stays where it was said. */
  note(note) {
    const entry = { ...note, kind: "note", id: null, seq: null, order: this.lastSeq + 0.5 };
    this.#entries.push(entry);
    this.#apply("insert", entry, null);
  }

  #fresh(message) {
    const state = message.author === "visitor" ? arrived(message) : null;
    const entry = { ...message, seq: null, state, reason: null, isReplayed: message.seq !== null };
    this.#byId.set(message.id, entry);
    return entry;
  }

  /* After a lost connection the replay may bring an own message before it was acknowledged. */
  #adopt(message) {
    if (message.author !== "visitor") return null;
    const mine = [...this.#own.values()].find((entry) => !entry.id && sameWords(entry, message));
    if (mine) this.#name(mine, message.id);
    return mine ?? null;
  }

  #acknowledge(entry, id) {
    this.#name(entry, id);
    this.#state(entry, arrived(entry));
    if (this.#unknown.has(id)) this.#number(entry, this.#unknown.get(id), false);
  }

  /* The adopted message was another with the same words: both are shown. */
  #part(entry, id) {
    const again = { ...entry, id: null, seq: null, order: undefined };
    this.#insert(again, null);
    this.#acknowledge(again, id);
  }

  #name(entry, id) {
    entry.id = id;
    this.#byId.set(id, entry);
  }

  #complete(entry, message) {
    if (entry.author === "visitor") this.#state(entry, arrived(entry));
    if (message.at) entry.at = message.at;
  }

  #state(entry, state, reason = null) {
    if (entry.state === state && entry.reason === reason) return;
    Object.assign(entry, { state, reason });
    this.#apply("update", entry, null);
  }

  #number(entry, seq, isReplayed) {
    this.#unknown.delete(entry.id);
    this.#highest = Math.max(this.#highest, seq);
    if (entry.seq !== seq) {
      Object.assign(entry, { seq, order: seq });
      this.#settle(entry);
      if (entry.author === "visitor") this.#state(entry, arrived(entry));
    }
    this.#held.add(seq);
    if (isReplayed) this.#replayed(seq);
    this.#advance();
  }

  #replayed(seq) {
    if (this.#jump) this.lastSeq = Math.max(this.lastSeq, seq);
    this.#jump = false;
    this.#advance();
  }

  #advance() {
    while (this.#held.delete(this.lastSeq + 1)) this.lastSeq += 1;
  }

  #insert(entry, seq) {
    const at = seq === null ? this.#entries.length : this.#place(seq);
    this.#entries.splice(at, 0, entry);
    this.#apply("insert", entry, this.#entries[at + 1] ?? null);
  }

  /* Moves an entry only if its new number contradicts where it stands. */
  #settle(entry) {
    const from = this.#entries.indexOf(entry);
    const isEarly = this.#entries.findLastIndex((one) => one.order < entry.order) > from;
    const isLate = this.#entries.findIndex((one) => one.order > entry.order);
    if (!isEarly && (isLate < 0 || isLate > from)) return;
    this.#entries.splice(from, 1);
    const at = this.#place(entry.order);
    this.#entries.splice(at, 0, entry);
    this.#apply("move", entry, this.#entries[at + 1] ?? null);
  }

  /* Behind the last entry with a smaller number: what has no number yet will get a higher one. */
  #place(order) {
    return this.#entries.findLastIndex((one) => one.order < order) + 1;
  }

  #remove(entry) {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#apply("remove", entry, null);
  }
}

/* On the bus it is sent; in the transcript it is delivered: everybody who answers reads it there. */
const arrived = ({ seq }) => (seq === null ? "sent" : "delivered");

const sameWords = (one, other) =>
  one.kind === other.kind && one.text.trim() === other.text.trim()
  && JSON.stringify(one.fields) === JSON.stringify(other.fields)
  && named(one.files) === named(other.files);

const named = (files) => files?.map(({ id }) => id).join();

/** What the visitor sent and the bus has not acknowledged; sent again with the same id. */
export class Outbox {
  #frames = new Map();
  #sentAt = new Map();

  add(frame) { this.#frames.set(frame.client_id, frame); }

  sent(clientId, now) { this.#sentAt.set(clientId, now); }

  /** Takes a frame out: it was accepted, or refused for good. */
  take(clientId) {
    const frame = this.#frames.get(clientId);
    this.#frames.delete(clientId);
    this.#sentAt.delete(clientId);
    return frame;
  }

  /** What must be sent on a new connection, oldest first. */
  waiting() { return [...this.#frames.values()]; }

  /** The connection is gone: nothing counts as being on its way. */
  lost() { this.#sentAt.clear(); }

  /** Whether a frame has been on its way for longer than `limit`: the line is dead, silently. */
  isOverdue(now, limit) {
    return [...this.#sentAt.values()].some((at) => now - at > limit);
  }
}
