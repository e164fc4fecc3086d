/** The panel: header, bar, conversation, status, input. It shows and asks; it decides nothing. */

import { LANGUAGES, current, day, el, icon, iconButton, live, mark, say } from "./dom.js";

/** Longest message, in characters; from NEAR on the visitor sees how many are left. */
const LONGEST = 2000;
const NEAR = 1800;
const DAY = 86400000;
const LOADING = 3000;
const NARROW = "(max-width: 480px)";

/** `page` is the loader's; `on` is told: send(text), person(), close(), speak(language), typing(). */
export class View {
  #page; #on; #merchant; #owner = null; #last = Date.now();

  constructor(page, merchant, on) {
    this.#page = page;
    this.#on = on;
    this.#merchant = merchant;
    this.gear = iconButton("gear", live("settings"),
      { "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "menu" });
    this.person = el("button", { type: "button", class: "pill", onclick: () => on.person() },
      icon("person"), live("person"));
    this.status = el("div", { class: "status", role: "status" });
    this.node = el("section", { class: "panel fresh", id: "panel", role: "dialog", hidden: true,
      tabindex: -1, "aria-label": () => say("dialog", { merchant: merchant().name }),
      "aria-describedby": "about", onkeydown: (event) => this.#key(event) });
  }

  /** Puts the panel together, once its parts (turns, menu) exist. */
  build({ turns, menu }) {
    this.input = this.#textarea();
    this.chat = el("div", { class: "scroll", onscroll: () => this.#scrolled() },
      this.#about(), (this.log = el("div", { role: "log", "aria-live": "polite",
        "aria-relevant": "additions", "aria-label": live("log") }, turns.list)),
      (this.side = el("div")), this.#newest());
    this.write = this.#composer();
    this.node.append(this.#head(), menu.node, this.#bar(), this.chat, this.status, this.write);
    this.#page.root.append(this.node);
    const sizes = new ResizeObserver(() => this.#resized());
    for (const node of [this.chat, turns.list, this.side]) sizes.observe(node);
    globalThis.visualViewport?.addEventListener("resize", () => this.#fit());
    this.#fit();
  }

  get isOpen() { return !this.node.hidden; }

  /** Shows on the launcher how many messages came while the panel was closed. */
  badge(n) {
    const { launcher } = this.#page;
    launcher.setAttribute("aria-label", (this.#page.label ?? say("chat")) + (n ? ` – ${say("news", { n })}` : ""));
    launcher.querySelector(".unread")?.remove();
    if (n) launcher.append(el("span", { class: "unread", "aria-hidden": "true" }, `${n}`));
  }

  show() {
    this.node.hidden = false;
    this.#page.root.classList.add("open");
    this.#modal();
    this.toEnd();
  }

  hide() {
    const hadFocus = this.node.contains(this.#page.shadow.activeElement);
    this.node.hidden = true;
    this.#page.root.classList.remove("open");
    if (hadFocus) this.#page.launcher.focus();
  }

  /** Takes in the form, which stands in place of the conversation. */
  hold(form) { this.status.before(form); }

  /** Shows the form in place of the conversation, or the conversation again. */
  swap(toForm) {
    this.chat.hidden = this.write.hidden = toForm;
    this.bar.hidden = toForm || this.#isHuman;
    if (!toForm) this.toEnd();
  }

  /** Who answers now; the offer of a person disappears when there is one. */
  own(owner) {
    this.#owner = owner;
    this.bar.hidden = this.chat.hidden || this.#isHuman;
    this.sub.textContent = this.#subtitle();
  }

  /** Rewrites what depends on merchant texts. */
  renew() {
    this.#page.root.lang = current();
    this.kept.textContent = this.#keeping();
    this.sub.textContent = this.#subtitle();
    this.notice.href = new URL(this.#merchant().notice_url, this.#page.base).href;
    this.tongue.value = current();
  }

  /** Something was said: the conversation is kept for its days from then on. */
  spoken(at) {
    const before = this.until;
    this.#last = Math.max(this.#last, Date.parse(at));
    if (this.until !== before) this.kept.textContent = this.#keeping();
  }

  tell(text, kind = "", isHushed = false) {
    if (this.status.textContent === text) return;
    this.status.className = `status ${kind}`;
    mark(this.status, "aria-live", isHushed && "off");
    this.status.textContent = text;
  }

  /** Follows a new turn if the visitor is at the end or wrote it; offers to go there otherwise. The list
   *  has grown by it: scrolling comes with that, once for all turns of a moment.
   */
  follow(isOwn) {
    this.#isAtEnd ||= isOwn;
    this.newest.hidden = this.#isAtEnd;
  }

  toEnd() {
    this.#isAtEnd = true;
    this.newest.hidden = true;
    if (this.log.querySelector(".turn:nth-child(2), .note")) this.chat.scrollTop = this.chat.scrollHeight;
  }

  /** While an old conversation is loaded a screen reader stays quiet. */
  quiet() {
    this.log.setAttribute("aria-live", "off");
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), LOADING);
  }

  focus() {
    this.input.focus();
  }

  /** Takes what is written out of the input. */
  take() {
    const text = this.input.value.trim();
    if (!text) return "";
    this.input.value = "";
    this.#grow();
    return text;
  }

  #isAtEnd = true; #top = 0;

  get #isHuman() { return (this.#owner?.owner ?? "bot") !== "bot"; }

  #head() {
    this.sub = el("p");
    return el("div", { class: "head" },
      el("div", {}, el("h2", {}, () => this.#page.title ?? this.#merchant().name), this.sub),
      this.gear, iconButton("close", live("close"), { onclick: () => this.#on.close() }));
  }

  #bar() {
    this.tongue = el("select", { "aria-label": live("language"),
      onchange: () => this.#on.speak(this.tongue.value) },
    this.#merchant().languages.map((code) =>
      el("option", { value: code, lang: code }, LANGUAGES[code] ?? code)));
    this.bar = el("div", { class: "bar" }, this.person, this.tongue);
    return this.bar;
  }

  #about() {
    this.kept = el("p");
    this.notice = el("a", { target: "_blank", rel: "noopener noreferrer" }, live("notice"));
    const merchant = () => ({ merchant: this.#merchant().name });
    return el("div", { class: "about" }, icon("info"),
      el("div", {}, el("p", { id: "about" }, live("disclosure", merchant)), this.kept, this.notice));
  }

  #newest() {
    this.newest = el("button", { type: "button", class: "pill newest", hidden: true,
      onclick: () => { this.toEnd(); this.focus(); } }, icon("down"), live("newest"));
    return this.newest;
  }

  #textarea() {
    return el("textarea", { rows: 1, maxlength: LONGEST, placeholder: live("input"), enterkeyhint: "send",
      "aria-label": live("input"), "aria-describedby": "left", oninput: () => this.#wrote(),
      onkeydown: (event) => this.#typed(event) });
  }

  #composer() {
    this.left = el("p", { class: "left", id: "left" });
    return el("form", { class: "write", onsubmit: (event) => { event.preventDefault(); this.#send(); } },
      el("div", {}, this.input, this.left), iconButton("send", live("send"), { type: "submit" }));
  }

  #typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    this.#on.send(this.take());
    this.focus();
  }

  #wrote() {
    this.#grow();
    if (this.input.value.trim()) this.#on.typing();
  }

  #grow() {
    const { style, value } = this.input;
    style.height = "auto";
    style.height = `${this.input.scrollHeight + 2}px`;
    const n = LONGEST - value.length;
    this.left.textContent = value.length >= NEAR ? say("left", { n }) : "";
  }

  /* Esc leaves; on a phone, where the panel covers the page, Tab stays inside it. */
  #key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#on.close();
    } else if (event.key === "Tab" && matchMedia(NARROW).matches) this.#wrap(event);
  }

  #wrap(event) {
    const all = [...this.node.querySelectorAll("button, a[href], select, textarea, input, [tabindex='0']")]
      .filter((one) => one.tabIndex >= 0 && one.getClientRects().length);
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (event.target !== from) return;
    event.preventDefault();
    to.focus();
  }

  #modal() {
    mark(this.node, "aria-modal", matchMedia(NARROW).matches ? "true" : false);
  }

  #fit() {
    const height = globalThis.visualViewport?.height;
    if (height) this.node.style.setProperty("--seen", `${height}px`);
    this.#modal();
  }

  /* Only who scrolls up leaves the end: what grows below has not been scrolled to yet. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.chat;
    const isNear = scrollHeight - scrollTop - clientHeight < 60;
    if (isNear || scrollTop < this.#top) this.#isAtEnd = isNear;
    this.#top = scrollTop;
    if (this.#isAtEnd) this.newest.hidden = true;
  }

  /* A box that scrolls can be reached by keyboard; one that does not is no stop. */
  #reach() {
    mark(this.chat, "tabindex", this.chat.scrollHeight > this.chat.clientHeight ? "0" : false);
  }

  #resized() {
    this.#reach();
    if (this.#isAtEnd) this.toEnd();
  }

  #subtitle() {
    const { owner, agent, position } = this.#owner ?? {};
    if (owner === "agent") return say("withHuman", { name: agent ?? say("service") });
    if (owner === "queue" && position) return say("queued", { n: position });
    return say("by", { provider: this.#merchant().provider });
  }

  /** The day on which the conversation is deleted at the latest, in words. */
  get until() { return day(new Date(this.#last + this.#merchant().retention_days * DAY)); }

  #keeping() {
    return say("kept", { days: say("days", { n: this.#merchant().retention_days }), date: this.until });
  }
}
