/** The part of the chat that is about files: given to people, shown in the conversation, had again. */

import { el, learn, save } from "../dom.js";
import { delay } from "../socket.js";
import { isLasting, nameOf, refusal } from "./rules.js";
import { Row } from "./shown.js";
import { dress } from "./style.js";
import { Tray } from "./tray.js";
import { upload } from "./upload.js";

/** Called by the panel when people come who take files, or a file is in the conversation. */
export async function meet(panel) {
  await learn("./files/words");
  dress(panel.page.shadow);
  return new Files(panel);
}

class Files {
  #panel; #tray; #rows = new WeakMap(); #going = Promise.resolve(); #stopping = new AbortController();

  constructor(panel) {
    this.#panel = panel;
    this.#tray = new Tray(panel.view, { told: (key) => panel.status.pass(key),
      before: () => this.#said.flatMap(({ files }) => files ?? []).length });
  }

  /** Whether files wait to be sent with the next message. */
  get holds() { return this.#tray.holds; }

  /** Who answers has changed: files are for people. */
  open(isOpen) { this.#tray.open(isOpen); }

  /** Shows a message with the files at once; it is sent when the gateway has them, one after the other. */
  send(text) {
    const { session } = this.#panel;
    const files = this.#tray.take();
    const frame = session.show(text, files);
    this.#going = this.#going.then(() => this.#give(session, frame, files));
  }

  /** A message with files came, or something has become of it. */
  turn(op, entry, item) {
    if (op === "insert") this.#draw(entry.files, item);
    if (op !== "update") return;
    if (entry.state === "sent" && entry.frame) this.#panel.status.pass("file.sent");
    if (entry.reason === "unknown_attachment") this.#lost(entry);
  }

  /** Forgets everything of the conversation. */
  clear() {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#tray.put([], []);
    this.#tray.open(false);
  }

  get #said() {
    const entries = this.#panel.session?.timeline.entries ?? [];
    return entries.filter(({ author }) => author === "visitor");
  }

  #draw(files, item) {
    const on = { fetch: (file) => this.#fetch(file), save: (file) => this.#save(file) };
    const rows = files.map((file) => new Row(file, on));
    files.forEach((file, at) => this.#rows.set(file, rows[at]));
    item.querySelector(".bubble").after(el("ul", { class: "files", role: "list" }, rows.map(({ node }) => node)));
  }

  async #give(session, frame, files) {
    for (const file of files) {
      const fault = await this.#one(session, frame, file);
      if (session !== this.#panel.session) return;
      if (fault && isLasting(fault)) file.fault = fault;
      if (fault) return this.#back(frame, files, fault);
      this.#rows.get(file)?.tell();
    }
    frame.attachments = files.map(({ id }) => id);
    session.retry(frame);
  }

  /* While the gateway is away the file waits, as messages do. */
  async #one(session, frame, file) {
    for (let attempt = 0; !file.id && session === this.#panel.session; attempt += 1) {
      session.timeline.mark(frame.client_id, "sending");
      try {
        Object.assign(file, await this.#upload(file));
      } catch (error) {
        if (error.isFinal) return refusal(error.code);
        if (session !== this.#panel.session) break;
        session.timeline.mark(frame.client_id, "waiting");
        await new Promise((done) => { setTimeout(done, delay(attempt)); });
      }
    }
    return null;
  }

  #upload(file) {
    const { api, keep } = this.#panel;
    const { conversation_id: id, token } = keep.read();
    return upload(api.url(`conversations/${encodeURIComponent(id)}/attachments/${file.key}`), token, file.blob,
      (share) => this.#rows.get(file)?.far(share), this.#stopping.signal);
  }

  /* What cannot be sent as it is goes back to where it can be changed: nothing of it is lost. */
  #back(frame, files, fault) {
    const { session, view, status } = this.#panel;
    session.timeline.withdraw(frame.client_id);
    this.#tray.put(files);
    view.input.value = [frame.text, view.input.value].filter(Boolean).join("\n");
    view.input.dispatchEvent(new Event("input"));
    status.pass(`file.${fault}`);
  }

  #lost({ frame, files }) {
    for (const file of files) file.id = null;
    this.#back(frame, files, "over");
  }

  async #fetch(file) {
    const { api, keep } = this.#panel;
    const path = `/attachments/${encodeURIComponent(file.id)}`;
    return (await api.own(keep.read(), path)).blob();
  }

  async #save(file) {
    const { status } = this.#panel;
    try {
      save(await this.#fetch(file), nameOf(file));
      status.pass("menu.done");
    } catch {
      status.pass("menu.failed");
    }
  }
}
