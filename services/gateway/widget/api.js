/** The gateway over HTTP (docs/visitor-api.md), and the one thing kept in the browser. */

class Refused extends Error {
  constructor(status, code) {
    super(`${status} ${code}`);
    Object.assign(this, { code, isFinal: status < 500 });
  }
}

/** All calls the widget makes; none before the visitor has opened the chat. */
export class Api {
  #base;

  constructor(base) {
    this.#base = base;
  }

  get socket() { return this.url("socket").replace(/^http/, "ws"); }

  merchant(id, locale) { return this.#json(`merchants/${encodeURIComponent(id)}?locale=${locale}`); }

  begin(merchant, locale) {
    const body = JSON.stringify({ merchant_id: merchant, locale });
    const headers = { "content-type": "application/json" };
    return this.#json("conversations", { method: "POST", headers, body });
  }

  async download(kept, format) {
    return (await this.own(kept, `/export?format=${format}`)).blob();
  }

  /** What the shop's signed word about the visitor says, bound to the conversation: {name, email}. */
  async identify(kept, token) {
    return (await this.own(kept, "/identity", "PUT", JSON.stringify({ token }))).json();
  }

  object(kept, objects) {
    return this.own(kept, "/objection", "PUT", JSON.stringify({ objects }));
  }

  async erase(kept) {
    return (await this.own(kept, "", "DELETE")).json();
  }

  erasure(id) { return this.#json(`erasures/${encodeURIComponent(id)}`); }

  async receipt(id) {
    return (await this.#call(`erasures/${encodeURIComponent(id)}/receipt`)).blob();
  }

  /** A call about the conversation, which only its token opens. */
  own({ conversation_id: id, token }, path, method = "GET", body = undefined) {
    const headers = { authorization: `Bearer ${token}` };
    return this.#call(`conversations/${encodeURIComponent(id)}${path}`, { method, headers, body });
  }

  async #json(path, options) {
    return (await this.#call(path, options)).json();
  }

  async #call(path, options) {
    const answer = await fetch(this.url(path), { credentials: "omit", cache: "no-store", ...options });
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => null);
    throw new Refused(answer.status, told?.error?.code);
  }

  url(path) { return new URL(`v1/${path}`, this.#base).href; }
}

/** Which conversation is this visitor's: one key in `storage()`, or memory where that is blocked. */
export class Keep {
  #storage;
  #memory = null;

  constructor(merchant, storage) {
    this.key = `prat:${merchant}`;
    this.#storage = storage;
  }

  /** {conversation_id, token, locale, size} or null. */
  read() {
    const kept = this.#memory ?? this.#try((storage) => JSON.parse(storage.getItem(this.key)));
    return typeof kept?.conversation_id === "string" && typeof kept.token === "string" ? kept : null;
  }

  write(kept) {
    this.#memory = kept;
    this.#try((storage) => {
      storage.setItem(this.key, JSON.stringify(kept));
      this.#memory = null;
    });
  }

  /** Changes these of what is kept, if there is a conversation. */
  change(news) {
    const kept = this.read();
    if (kept) this.write({ ...kept, ...news });
  }

  clear() {
    this.#memory = null;
    this.#try((storage) => storage.removeItem(this.key));
  }

  #try(action) {
    try {
      return action(this.#storage());
    } catch {
      return null;
    }
  }
}

/** Tells the page which conversation it is (null: none any more), once the page's scripts can listen. */
export function announce(id) {
  const tell = () => dispatchEvent(
    new CustomEvent("prat:conversation", { detail: { conversation_id: id } }));
  if (document.readyState === "complete") tell();
  else addEventListener("load", tell, { once: true });
}
