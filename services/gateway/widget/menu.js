/** The gear: download, rights, a new beginning, language and size of the text. */

import { LANGUAGES, current, el, icon, live, mark } from "./dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** How much larger than normal the chat's text can be. */
export const SIZES = { normal: 1, large: 1.25, larger: 1.5 };

/**
 * A menu button with roving focus. `on`: download(format), object(), objects(), erase(), restart(),
 * canRestart(), speak(language), size(), enlarge(size), hasConversation().
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
      if (item.isChosen) item.setAttribute("aria-checked", item.isChosen());
      else mark(item, "aria-disabled", !(item.isReady?.() ?? has) && "true");
    }
    this.empty.hidden = has;
    this.#explain(has);
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

  /* Who cannot start over reads why; without a conversation the menu itself says so. */
  #explain(has) {
    const isOff = this.again.ariaDisabled;
    this.busy.hidden = !isOff || !has;
    mark(this.again, "aria-describedby", isOff && (has ? this.busy : this.empty).id);
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
    this.busy = el("span", { class: "aside", id: "menu-busy", "aria-hidden": "true" }, live("menu.busy"));
    this.again = this.#item(() => this.#on.restart(), {}, icon("again"), el("span", {}, live("menu.again"), this.busy));
    const tongue = (code) => this.#radio(() => code === current(), () => this.#on.speak(code),
      { lang: code }, LANGUAGES[code] ?? code);
    const size = (name) => this.#radio(() => name === this.#on.size(), () => this.#on.enlarge(name),
      {}, live(`menu.${name}`));
    return el("div", { role: "menu", "aria-label": live("settings"), "aria-describedby": "menu-empty" },
      download("html", "menu.page"), download("json", "menu.data"),
      this.#item(() => this.#on.object(), { role: "menuitemcheckbox",
        "aria-checked": () => this.#on.objects() }, icon("check"), live("menu.object")),
      Object.assign(this.again, { isReady: () => this.#on.canRestart() }),
      this.#item(() => this.#on.erase(), { class: "erase" }, icon("bin"), live("menu.erase")),
      this.#group("language", languages.map(tongue)), this.#group("menu.size", Object.keys(SIZES).map(size)));
  }

  #group(key, items) {
    return [el("div", { role: "separator" }), el("div", { class: "aside", "aria-hidden": "true" }, live(key)),
      el("div", { class: "pairs", role: "group", "aria-label": live(key) }, items)];
  }

  #radio(isChosen, act, attributes, name) {
    const item = this.#item(act, { role: "menuitemradio", ...attributes }, icon("check"), name);
    return Object.assign(item, { isChosen });
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
