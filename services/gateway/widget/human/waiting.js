/** The card of a visitor who waits for a person, or has left a message: where, how long, what else. */

import { current, el, live, mark, refresh, region, say } from "../dom.js";
import { momentOf, waitOf } from "./told.js";

/** When people are back, in words; empty when that is not known, or is past. */
export function opening(opensAt, now = new Date()) {
  const opens = new Date(opensAt ?? 0);
  return opens > now ? say("filed.opens", momentOf(opens, now, region())) : "";
}

/** `on` is told: leave(), notice(isOn), and asked: isNoticing(). */
export class Waiting {
  #on; #owner;

  constructor(owner, on) {
    this.#on = on;
    this.#owner = owner;
    this.title = el("h3", { id: "waiting" }, () => this.#title());
    this.when = el("p", { class: "when" }, () => this.#when());
    this.node = el("section", { class: "people", "aria-labelledby": "waiting" },
      this.title, this.when, el("p", {}, () => this.#words("read")),
      (this.acts = el("div", { class: "acts" }, this.#switch(), this.#leave())),
      (this.sure = this.#question()));
  }

  /** Shows where the visitor stands now. */
  tell(owner) {
    this.#owner = owner;
    this.bell.hidden = this.#isFiled;
    refresh();
    this.when.hidden = !this.when.textContent;
  }

  /** The wish to leave was refused: it may be said again. */
  stay() { this.#ask(false); }

  get #isFiled() { return this.#owner.owner === "filed"; }

  #words(key, values) { return say(`${this.#isFiled ? "filed" : "queue"}.${key}`, values); }

  #title() {
    const { position } = this.#owner;
    if (this.#isFiled) return say("filed.title");
    return position ? say("queued", { n: position }) : say("waitingForHuman");
  }

  #when() {
    const { wait, opens_at: opensAt, open_now: isOpenNow } = this.#owner;
    if (this.#isFiled || !isOpenNow) return opening(opensAt) || say("filed.soon");
    const told = wait && waitOf(wait, current());
    return told ? say(`queue.${told.key}`, told) : "";
  }

  #switch() {
    this.bell = el("button", { type: "button", class: "switch", role: "switch",
      "aria-checked": `${this.#on.isNoticing()}`, onclick: () => this.#toggle() },
    el("span", { class: "track", "aria-hidden": "true" }), live("queue.notice"));
    return this.bell;
  }

  #toggle() {
    const isOn = !this.#on.isNoticing();
    this.#on.notice(isOn);
    this.bell.setAttribute("aria-checked", `${isOn}`);
  }

  #leave() {
    this.out = el("button", { type: "button", class: "pill", onclick: () => this.#ask(true) },
      () => this.#words("leave"));
    return this.out;
  }

  #question() {
    this.no = el("button", { type: "button", class: "pill", onclick: () => this.#ask(false) },
      () => this.#words("no"));
    this.yes = el("button", { type: "button", class: "main", onclick: () => this.#sure() },
      () => this.#words("yes"));
    return el("div", { class: "sure", role: "group", "aria-labelledby": "sure", hidden: true,
      onkeydown: (event) => this.#key(event) },
    el("p", { id: "sure" }, () => this.#words("sure")), el("div", { class: "choices" }, this.yes, this.no));
  }

  #ask(isAsking) {
    this.acts.hidden = isAsking;
    this.sure.hidden = !isAsking;
    mark(this.yes, "aria-disabled", false);
    (isAsking ? this.no : this.out).focus();
  }

  #sure() {
    if (this.yes.ariaDisabled) return;
    mark(this.yes, "aria-disabled", "true");
    this.#on.leave();
  }

  /* Esc answers the question with no, and does not close the chat. */
  #key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.#ask(false);
  }
}
