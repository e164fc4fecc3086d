/** The one status line: the first thing that matters wins. */

const BOT_PATIENCE = 10000;
const AGENT_PATIENCE = 6000;
const HUSH = 30000;
const PASSING = 5000;

export const BOT = { owner: "bot", position: null, open_now: true, agent: null };

/** What the line says: {key, values, kind}; key is null when there is nothing to say. */
export function statusOf(now) {
  const { line, owner, agent, position, open_now: isOpenNow, isBotWriting, isAgentWriting, passing } = now;
  if (line !== "open") return { key: line, kind: "lost" };
  if (passing) return { key: passing };
  if (owner === "agent" && isAgentWriting) return { key: "agentTyping", values: { name: agent } };
  if (owner !== "queue" && owner !== "filed") return { key: isBotWriting ? "typing" : null };
  if (owner === "filed" || !isOpenNow) return { key: "closedQueue", kind: "queue" };
  return { key: position ? "queued" : "waitingForHuman", values: { n: position }, kind: "queue" };
}

/** Remembers what the status line depends on; `show(status)` is called whenever it may have changed. */
export class Status {
  #show; #page; #writing; #fading; #resting;
  #key = null; #isHushed = false; #toldAt = -Infinity;
  #now = { line: "open", isBotWriting: false, isAgentWriting: false, passing: null, ...BOT };

  constructor(show, page = globalThis) {
    this.#show = show;
    this.#page = page;
  }

  get owner() { return this.#now.owner; }
  get agent() { return this.#now.agent; }
  get position() { return this.#now.position; }
  get isOpen() { return this.#now.line === "open"; }

  set(change) {
    Object.assign(this.#now, change);
    if (this.owner !== "bot" || !this.isOpen) this.#now.isBotWriting = false;
    if (this.owner !== "agent") this.#now.isAgentWriting = false;
    this.#tell(statusOf(this.#now));
  }

  /** An agent is writing, for some seconds; heard by a screen reader now and then, not each time. */
  agentWrites(isAgentWriting) {
    this.#page.clearTimeout(this.#resting);
    if (isAgentWriting) this.#resting = this.#page.setTimeout(() => this.agentWrites(false), AGENT_PATIENCE);
    this.set({ isAgentWriting });
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

  #tell(status) {
    if (status.key === "agentTyping" && status.key !== this.#key) this.#hush(this.#page.Date.now());
    this.#key = status.key;
    this.#show({ ...status, isHushed: status.key === "agentTyping" && this.#isHushed });
  }

  #hush(now) {
    this.#isHushed = now - this.#toldAt < HUSH;
    if (!this.#isHushed) this.#toldAt = now;
  }
}
