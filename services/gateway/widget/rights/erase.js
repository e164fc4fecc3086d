/** Deleting, with a proof: service by service, and a signed receipt when all of them have confirmed. */

import { announce } from "../api.js";
import { el, icon, learn, live, refresh, save, say, second } from "../dom.js";
import { delay } from "../socket.js";

const LOOK_AFTER = 400;
const SLOW_AFTER = 20000;
const GIVE_UP_AFTER = 180000;

/** Called by the panel when somebody wants to delete; rejects when words are missing. */
export async function meet(panel) {
  await learn("./rights/words");
  const { api, status, view } = panel;
  const erase = new Erase({ erase: () => panel.erase(), look: (id) => api.erasure(id),
    receipt: (id) => api.receipt(id), told: (key) => status.pass(key), done: () => announce(null),
    forget: () => panel.forget(), until: () => view.until, closed: (isGone) => isGone && left(view) });
  panel.page.root.append(erase.node);
  panel.menu.grow(() => say(erase.isSigned ? "receipt.get" : "receipt.wait"),
    () => erase.look(), () => erase.receipt());
  return erase;
}

function left(view) {
  announce(null);
  view.focus();
}

/**
 * A modal dialog: asks once, then shows that it happens. `on`: erase() → erasure id (from then on
 * the conversation is gone from this browser), forget() → it is gone from here alone, until() → its
 * last day, look(id) → progress, receipt(id) → file, told(key), done(), closed(isGone).
 */
class Erase {
  #on; #id = null; #isGone = false; #isFollowing = false;
  isSigned = false;

  constructor(on) {
    this.#on = on;
    this.node = el("dialog", { "aria-labelledby": "erase-title", "aria-describedby": "erase-text",
      onclose: () => on.closed(this.#isGone) });
  }

  ask() {
    this.#isGone = false;
    this.#draw("erase.title", [el("p", { id: "erase-text" }, live("erase.text"))],
      this.#button("main", "erase.yes", () => this.#run()), this.#hide("pill", "erase.no"));
    this.node.showModal();
    this.node.querySelector(".pill").focus();
  }

  /** Asks whether to begin anew, and what becomes of the conversation until now. */
  askAnew() {
    this.#isGone = false;
    const text = live("restart.text", () => ({ date: this.#on.until() }));
    this.#draw("restart.title", [el("p", { id: "erase-text" }, text)],
      this.#button("main calm", "restart.keep", () => this.#leave()),
      this.#button("main", "restart.erase", () => this.#run()), this.#hide("pill", "restart.no"));
    this.node.showModal();
    this.node.querySelector(".pill").focus();
  }

  /** Whether there is a receipt; looks again after an erasure that took too long to wait for. */
  look() {
    if (this.#id && !this.isSigned && !this.#isFollowing) this.#follow();
    return this.isSigned;
  }

  async receipt() {
    try {
      save(await this.#on.receipt(this.#id), "erasure-receipt.json");
      this.#on.told("menu.done");
    } catch {
      this.#on.told("menu.failed");
    }
  }

  #leave() {
    this.#on.forget();
    this.#isGone = true;
    this.node.close();
  }

  #draw(title, body, ...buttons) {
    this.node.replaceChildren(el("h2", { id: "erase-title", tabindex: -1 }, live(title)),
      ...body, el("div", { class: "choices" }, buttons));
  }

  #button(style, key, act) {
    return el("button", { type: "button", class: style, onclick: act }, live(key));
  }

  #hide(style, key) {
    return this.#button(style, key, () => this.node.close());
  }

  async #run() {
    this.told = el("p", { class: "told", role: "status", id: "erase-text" });
    this.list = el("ul");
    this.#draw("erase.running", [this.list, this.told], this.#hide("pill", "erase.hide"));
    this.node.querySelector("h2").focus();
    try {
      this.#id = await this.#on.erase();
    } catch {
      this.told.textContent = say("erase.failed");
      return;
    }
    this.#isGone = true;
    this.isSigned = false;
    refresh();
    await this.#follow();
  }

  async #follow() {
    const [id, began] = [this.#id, Date.now()];
    let failures = 0;
    this.#isFollowing = true;
    this.told.textContent = say("erase.unfinished");
    while (id === this.#id && !this.isSigned && Date.now() - began < GIVE_UP_AFTER) {
      const progress = await this.#on.look(id).catch(() => null);
      failures = progress ? 0 : failures + 1;
      if (progress) this.#show(progress);
      if (Date.now() - began > SLOW_AFTER && !this.isSigned) this.told.textContent = say("erase.slow");
      await new Promise((go) => { setTimeout(go, failures ? delay(failures) : LOOK_AFTER); });
    }
    this.#isFollowing = false;
  }

  #show(progress) {
    const { acknowledged, waiting_for: waiting } = progress;
    this.list.replaceChildren(...acknowledged.map(done), ...waiting.map(awaited));
    if (progress.done) this.#finish(progress);
  }

  #finish({ acknowledged, waiting_for: waiting, completed_at: at }) {
    const n = acknowledged.length;
    const again = this.#hide("main calm", "erase.again");
    this.isSigned = true;
    refresh();
    this.#on.done();
    if (!this.#isGone) return;
    this.#draw("erase.over", [this.list, this.told],
      this.#button("pill", "receipt.get", () => this.receipt()), again);
    this.told.textContent = say("erase.done",
      { time: second(at ? new Date(at) : new Date()), n, total: n + waiting.length });
    if (this.node.open) again.focus();
  }
}

const done = (service) => el("li", { class: "done" }, icon("check"), said("erase.part", service));
const awaited = (service) => el("li", {}, said("erase.wait", service));
const said = (key, service) => say(key, { service: say(`erase.${service}`).replace("erase.", "") });
