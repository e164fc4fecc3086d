/** The one status line: the first thing that matters wins. */

const BOT_PATIENCE = 10000;
const PASSING = 5000;

export const BOT = { owner: "bot", position: null, open_now: true, agent: null };

/** What the line says: {key, values, kind}; key is null when there is nothing to say. */
export function statusOf({ line, owner, position, open_now: isOpenNow, isBotWriting, passing }) {
  if (line !== "open") return { key: line, kind: "lost" };
  if (passing) return { key: passing };
  if (owner !== "queue") return { key: isBotWriting ? "typing" : null };
  if (!isOpenNow) return { key: "closedQueue", kind: "queue" };
  return { key: position ? "queued" : "waitingForHuman", values: { n: position }, kind: "queue" };
}

/** Remembers what the status line depends on; `show(status)` is called whenever it may have changed. */
export class Status {
  #show; #writing; #fading;
  #now = { line: "open", isBotWriting: false, passing: null, ...BOT };

  constructor(show) {
    this.#show = show;
  }

  get owner() { return this.#now.owner; }
  get agent() { return this.#now.agent; }
  get isOpen() { return this.#now.line === "open"; }
  get isOpenNow() { return this.#now.open_now; }

  set(change) {
    Object.assign(this.#now, change);
    if (this.owner !== "bot" || !this.isOpen) this.#now.isBotWriting = false;
    this.#show(statusOf(this.#now));
  }

  /** The bot has a message to answer; if no answer comes, the line does not claim one for ever. */
  botWrites(isBotWriting) {
    clearTimeout(this.#writing);
    if (isBotWriting) this.#writing = setTimeout(() => this.botWrites(false), BOT_PATIENCE);
    this.set({ isBotWriting });
  }

  /** A short message that makes room for the lasting state again. */
  pass(passing) {
    clearTimeout(this.#fading);
    this.#fading = setTimeout(() => this.set({ passing: null }), PASSING);
    this.set({ passing });
  }
}
