/** Stands in for a WebSocket where those are blocked: the same frames over plain requests. */

const REFUSED = { 400: 4400, 401: 4401, 403: 4403 };
const TOO_LARGE = { 413: 1009 };
const LOST = 1006;
const OPEN = 1;
const CLOSED = 3;

/** No poll is held by the gateway for this long: an answer that has not come will not come. */
const PATIENCE = 75000;

/** As much of a WebSocket as the line uses; the first frame that is sent opens it at the gateway. */
export class Poll {
  #url; #page; #line = null; #timer; #stopping = new AbortController(); #sent = Promise.resolve();
  readyState = 0;

  constructor(url, page = globalThis) {
    this.#url = url.replace(/^ws/, "http").replace(/socket$/, "lines");
    this.#page = page;
    page.setTimeout(() => this.#open(), 0);
  }

  /** Sends a frame behind those before it. */
  send(text) {
    this.#sent = this.#sent.then(() => this.#put(text)).catch((error) => this.#fail(error));
  }

  close() {
    this.readyState = CLOSED;
    this.#page.clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  #open() {
    if (this.readyState === CLOSED) return;
    this.readyState = OPEN;
    this.onopen?.();
  }

  async #put(text) {
    if (this.#line) return this.#call("/frames", text);
    const { line } = await (await this.#call("", text)).json();
    this.#line = line;
    this.#listen().catch((error) => this.#fail(error));
  }

  async #listen() {
    while (this.readyState === OPEN) {
      this.#page.clearTimeout(this.#timer);
      this.#timer = this.#page.setTimeout(() => this.#end(LOST), PATIENCE);
      const { frames, close } = await (await this.#call("/poll")).json();
      for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
      if (close) this.#end(close);
    }
  }

  async #call(path, body) {
    const headers = this.#line ? { authorization: `Bearer ${this.#line}` } : {};
    const answer = await this.#page.fetch(this.#url + path, { method: "POST", body, headers,
      credentials: "omit", cache: "no-store", signal: this.#stopping.signal });
    if (answer.ok) return answer;
    throw Object.assign(new Error(`${answer.status}`), { status: answer.status });
  }

  /* What is refused before there is a line is refused for good; a line that is gone is opened anew. */
  #fail({ status }) {
    this.#end((this.#line ? TOO_LARGE : REFUSED)[status] ?? LOST);
  }

  #end(code) {
    if (this.readyState === CLOSED) return;
    this.close();
    this.onclose?.({ code });
  }
}
