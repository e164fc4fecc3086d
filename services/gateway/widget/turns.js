/** Shows the conversation: one list item per turn, only ever added to, never drawn anew. */

import { current, el, icon, live, mark, moment, say } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]']/g;

/** The list of turns; `on` is asked: say(text), handoff(topic), retry(entry), fields() of all forms. */
export class Turns {
  #on;
  #items = new Map();
  #offered = new Set();
  #own = null;
  list = el("ol", { class: "turns", role: "list" });

  constructor(on) {
    this.#on = on;
  }

  /** The merchant's greeting: said by the widget itself, so it is in no transcript. */
  greet(words, told) {
    this.list.append(...(told ? [el("li", { class: "note" }, told)] : []),
      el("li", { class: "turn bot" }, who(live("bot")), el("div", { class: "bubble", lang: current }, words)));
  }

  /** Carries out one change of the timeline; the item that it is about. */
  apply(op, entry, next) {
    if (op === "insert") this.#items.set(entry, this.#draw(entry));
    const item = this.#items.get(entry);
    if (op === "remove") this.#drop(entry, item);
    else if (op === "update") this.#update(entry, item);
    else this.list.insertBefore(item, this.#items.get(next) ?? null);
    if (op === "insert") this.#settle(entry, item);
    return item;
  }

  /** Empties the list: nothing of the conversation stays on the page. */
  clear() {
    this.#items.clear();
    this.#offered.clear();
    this.#own = null;
    this.list.replaceChildren();
  }

  #drop(entry, item) {
    item.remove();
    this.#items.delete(entry);
  }

  #draw(entry) {
    if (entry.kind === "note") return el("li", { class: "note" }, entry.words);
    const choices = this.#choices(entry);
    const item = el("li", { class: `turn ${entry.author}` },
      who(() => speaker(entry), entry.at),
      el("div", { class: "bubble", lang: entry.language, dir: "auto" }, this.#body(entry)),
      entry.cards.map(card), choices, entry.author === "visitor" && el("p", { class: "state", "aria-live": "off" }));
    this.#update(entry, item);
    if (choices) this.#offered.add(item);
    return item;
  }

  #body(entry) {
    if (entry.kind !== "intake") return linked(entry.text);
    const answers = Object.entries(entry.fields).map(([key, value]) =>
      [el("dt", {}, () => this.#label(key)), el("dd", {}, value)]);
    return [el("b", {}, live("given")), el("dl", {}, ...answers)];
  }

  /* What a field of a form is called, by its key. */
  #label(key) {
    return this.#on.fields().find((field) => field.key === key)?.label ?? key;
  }

  #choices({ author, buttons, offer }) {
    if (author !== "bot" || (!buttons.length && !offer)) return null;
    const handsOff = buttons.some((one) => one.action === "handoff");
    return el("div", { class: "choices", role: "group" },
      buttons.map((one) => el("button", { type: "button", class: "pill",
        onclick: () => (one.action === "handoff" ? this.#on.handoff(offer) : this.#on.say(one.text)) },
      one.action === "handoff" && icon("person"), one.text)),
      offer && !handsOff && el("button", { type: "button", class: "pill",
        onclick: () => this.#on.handoff(offer) }, icon("person"), live("person")));
  }

  /* Quick answers belong to the newest turn: older ones would answer a question of the past. What has
     become of a message is told at the newest one. Looks at what changes only: a history is long. */
  #settle({ author }, item) {
    const isLast = item === this.list.lastElementChild;
    for (const one of this.#offered) {
      if (one === this.list.lastElementChild) continue;
      mark(one.querySelector(":scope > .choices"), "hidden", true);
      this.#offered.delete(one);
    }
    if (author !== "visitor") return;
    (isLast ? this.#own : item)?.classList.add("past");
    if (isLast) this.#own = item;
  }

  #update(entry, item) {
    const state = item.querySelector(".state");
    if (!state) return;
    state.className = `state ${entry.state}`;
    const again = el("button", { type: "button", onclick: () => this.#on.retry(entry) }, live("retry"));
    state.replaceChildren(el("span", {}, live(howFar(entry))), ...(entry.state === "failed" ? [" ", again] : []));
  }
}

/** How far a message of the visitor's own has come, by the key of its words. */
export const howFar = ({ state, reason }) => (reason?.startsWith?.("too_") ? "tooMany" : state);

/* Names who speaks on every turn: a machine, a human, or the visitor. */
function who(name, at = null) {
  const said = at && new Date(at);
  return el("p", { class: "who" }, el("b", {}, name), el("span", { class: "quiet" }, ":"),
    said && el("time", { datetime: at }, () => moment(said)));
}

function speaker({ author, speaker: name }) {
  if (author === "visitor") return say("you");
  if (author === "bot") return say("bot");
  return say("human", { name: name ?? say("service") });
}

function card({ kind, title, lines, link }) {
  return el("section", { class: "card", "aria-label": title },
    el("h3", {}, icon(kind === "parcel" ? "box" : "tag"), el("span", {}, title)),
    el("ul", {}, lines.map((line) => el("li", {}, line))),
    link && el("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, live(kind)));
}

/* Text with its web addresses as links; everything else stays text. */
function linked(text) {
  const parts = [];
  let from = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(text.slice(from, index),
      el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address));
    from = index + address.length;
  }
  return [...parts, text.slice(from)];
}
