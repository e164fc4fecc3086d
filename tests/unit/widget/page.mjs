// A browser made of nothing: a clock that tests turn, and sockets that tests open and close.
export class Page {
  #now = 0;
  #timers = new Map();
  #next = 1;
  #listeners = new Map();
  sockets = [];

  constructor() {
    const page = this;
    this.Date = { now: () => page.#now };
    this.WebSocket = class {
      sent = [];
      readyState = 0;
      constructor(url) { this.url = url; page.sockets.push(this); }
      send(text) { this.sent.push(JSON.parse(text)); }
      close() { this.readyState = 3; }
      open() { this.readyState = 1; this.onopen(); }
      say(frame) { this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) }); }
      drop(code = 1006) { this.readyState = 3; this.onclose?.({ code }); }
    };
    this.document = { addEventListener: () => {}, removeEventListener: () => {} };
    for (const name of ["setTimeout", "clearTimeout", "setInterval", "clearInterval",
      "addEventListener", "removeEventListener"]) this[name] = this[name].bind(this);
  }

  get socket() { return this.sockets.at(-1); }
  get timers() { return this.#timers.size; }

  setTimeout(act, after) { return this.#add(act, after, 0); }
  setInterval(act, every) { return this.#add(act, every, every); }
  clearTimeout(id) { this.#timers.delete(id); }
  clearInterval(id) { this.#timers.delete(id); }
  addEventListener(name, act) { this.#listeners.set(name, act); }
  removeEventListener(name) { this.#listeners.delete(name); }
  happen(name) { this.#listeners.get(name)?.(); }

  /** Lets time pass, doing everything that falls due on the way. */
  pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      const [id, due] = [...this.#timers].filter(([, one]) => one.at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!id) break;
      this.#now = due.at;
      if (due.every) due.at += due.every;
      else this.#timers.delete(id);
      due.act();
    }
    this.#now = end;
  }

  #add(act, after, every) {
    this.#timers.set(this.#next, { act, at: this.#now + after, every });
    return this.#next++;
  }
}

export const WELCOME = { type: "welcome", last_seq: 0, owner: "bot", position: null, open_now: true, agent: null };
