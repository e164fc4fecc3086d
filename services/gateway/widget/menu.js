/** The gear: download, language, and deleting with a proof, service by service. */

import { LANGUAGES, current, el, icon, live, mark, say, second } from "./dom.js";
import { delay } from "./socket.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const LOOK_AFTER = 400;
const SLOW_AFTER = 20000;
const GIVE_UP_AFTER = 180000;

/** A menu button with roving focus. `on`: download(format), erase(), speak(language), hasConversation(). */
export class Menu {
  #on; #gear; #items;

  constructor(gear, languages, on) {
    this.#gear = gear;
    this.#on = on;
    this.empty = el("p", { class: "aside", id: "menu-empty" }, live("menu.empty"));
    this.node = el("div", { class: "menu", id: "menu", hidden: true, onkeydown: (event) => this.#key(event),
      onfocusout: (event) => this.#left(event) }, this.#list(languages), this.empty);
    this.#items = [...this.node.querySelectorAll("[role^=menuitem]")];
    gear.addEventListener("click", () => (this.node.hidden ? this.open() : this.close()));
  }

  open() {
    const has = this.#on.hasConversation();
    for (const item of this.#items) {
      if (item.lang) item.setAttribute("aria-checked", item.lang === current());
      else mark(item, "aria-disabled", !has && "true");
    }
    this.empty.hidden = has;
    this.#show(true);
    this.#focus(0);
  }

  close() {
    const hadFocus = this.node.contains(this.node.getRootNode().activeElement);
    this.#show(false);
    if (hadFocus) this.#gear.focus();
  }

  #show(isOpen) {
    this.node.hidden = !isOpen;
    this.#gear.setAttribute("aria-expanded", isOpen);
  }

  #list(languages) {
    const download = (format, key) =>
      this.#item(() => this.#on.download(format), {}, icon("down"), live(key));
    const tongues = languages.map((code) => this.#item(() => this.#on.speak(code),
      { role: "menuitemradio", lang: code }, icon("check"), LANGUAGES[code] ?? code));
    return el("div", { role: "menu", "aria-label": live("settings"), "aria-describedby": "menu-empty" },
      download("html", "menu.page"), download("json", "menu.data"),
      this.#item(() => this.#on.erase(), { class: "erase" }, icon("close"), live("menu.erase")),
      el("div", { role: "separator" }), el("div", { class: "aside", "aria-hidden": "true" }, live("language")),
      el("div", { role: "group", "aria-label": live("language") }, tongues));
  }

  #item(act, attributes, ...children) {
    return el("button", { type: "button", role: "menuitem", tabindex: -1, ...attributes,
      onclick: (event) => this.#act(event.currentTarget, act) }, ...children);
  }

  #act(item, act) {
    if (item.ariaDisabled) return;
    this.close();
    act();
  }

  #focus(at) {
    this.#items.at(at % this.#items.length).focus();
  }

  #key(event) {
    const at = this.#items.indexOf(event.target);
    if (event.key in STEPS) this.#focus(at + STEPS[event.key]);
    else if (event.key === "Home") this.#focus(0);
    else if (event.key === "End") this.#focus(-1);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* Tab or a click elsewhere closes the menu; focus stays where the visitor put it. */
  #left({ relatedTarget: next }) {
    if (!this.node.contains(next) && next !== this.#gear) this.#show(false);
  }
}

/**
 * A modal dialog: asks once, then shows that it happens. `on`: erase() → erasure id (from then on
 * the conversation is gone from this browser), look(id) → progress, closed(isGone).
 */
export class Erase {
  #on; #isGone = false;

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
      const id = await this.#on.erase();
      this.#isGone = true;
      await this.#follow(id);
    } catch {
      this.told.textContent = say("erase.failed");
    }
  }

  async #follow(id) {
    const began = Date.now();
    let failures = 0;
    while (Date.now() - began < GIVE_UP_AFTER) {
      const progress = await this.#on.look(id).catch(() => null);
      failures = progress ? 0 : failures + 1;
      if (progress) this.#show(progress);
      if (progress?.done) return this.#finish(progress);
      if (Date.now() - began > SLOW_AFTER) this.told.textContent = say("erase.slow");
      await new Promise((go) => { setTimeout(go, failures ? delay(failures) : LOOK_AFTER); });
    }
  }

  #show({ acknowledged, waiting_for: waiting }) {
    this.list.replaceChildren(...acknowledged.map(done), ...waiting.map(awaited));
  }

  #finish({ acknowledged, waiting_for: waiting, completed_at: at }) {
    const n = acknowledged.length;
    const again = this.#hide("main calm", "erase.again");
    this.#draw("menu.erase", [this.list, this.told], again);
    this.told.textContent = say("erase.done",
      { time: second(at ? new Date(at) : new Date()), n, total: n + waiting.length });
    again.focus();
    this.#on.done();
  }
}

const done = (service) => el("li", { class: "done" }, icon("check"), said("erase.part", service));
const awaited = (service) => el("li", {}, said("erase.wait", service));
const said = (key, service) => say(key, { service: say(`erase.${service}`).replace("erase.", "") });
