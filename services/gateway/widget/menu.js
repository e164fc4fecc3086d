/** The gear: download, delete and language. */

import { LANGUAGES, current, el, icon, live, mark } from "./dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * A menu button with roving focus. `on`: download(format), object(), objects(), erase(),
 * speak(language), hasConversation().
 */
export class Menu {
  #on; #gear; #items;

  constructor(gear, languages, on) {
    this.#gear = gear;
    this.#on = on;
    this.empty = el("p", { class: "aside", id: "menu-empty" }, live("menu.empty"));
    this.node = el("div", { class: "menu", id: "menu", hidden: true, onkeydown: (event) => this.#key(event),
      onfocusout: (event) => this.#left(event) }, this.#list(languages), this.empty);
    this.#count();
    gear.addEventListener("click", () => (this.node.hidden ? this.open() : this.close()));
  }

  open() {
    const has = this.#on.hasConversation();
    for (const item of this.#items) {
      if (item.lang) item.setAttribute("aria-checked", item.lang === current());
      else mark(item, "aria-disabled", !(item.isReady?.() ?? has) && "true");
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

  /** A new item below the one for deleting; `isReady` says at each opening whether it can be chosen. */
  grow(text, isReady, act) {
    const item = this.#item(act, {}, icon("down"), text);
    this.node.querySelector(".erase").after(Object.assign(item, { isReady }));
    this.#count();
  }

  #count() {
    this.#items = [...this.node.querySelectorAll("[role^=menuitem]")];
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
      this.#item(() => this.#on.object(), { role: "menuitemcheckbox",
        "aria-checked": () => this.#on.objects() }, icon("check"), live("menu.object")),
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
