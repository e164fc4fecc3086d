/** One case: facts on top, the conversation, the answer box, what colleagues wrote and what can be done. */
import { actionsOf } from "./actions.js";
import { api } from "./api.js";
import { composer } from "./composer.js";
import { factsOf } from "./facts.js";
import { notesPanel } from "./notes.js";
import { names, tagsOf } from "./row.js";
import { suggestionsPanel } from "./suggestions.js";
import { thread } from "./thread.js";
import { h, say } from "./shared/dom.js";
import { empty } from "./shared/parts.js";
import { clock, day, languageName, pick, t } from "./shared/words.js";

const GONE = [404, 410];

/** Shows a case in `parent`; `desk` hears of what happens to it and of the way back. */
export function caseView(parent, caseId, desk) {
  const parts = frame();
  const talk = thread(caseId, () => desk.outbox.deliver(caseId));
  const notes = notesPanel(caseId, { drafts: desk.drafts, added: () => refresh(), trouble: desk.trouble });
  const suggestions = suggestionsPanel((text) => { showAside(false); box?.insert(text); });
  const actions = actionsOf(caseId, desk, { refresh, vanish, leave, showAside, focusReply: () => box?.focus() });
  const { node } = parts;
  parts.actions.append(...actions.nodes);
  parts.talk.append(talk.node, parts.note);
  parts.aside.append(suggestions.node, notes.node);
  parent.replaceChildren(node);

  let box = null;
  let current = null;
  let running = null;
  let coming = null;
  let isGone = false;

  function frame() {
    const made = {
      title: h("h2", { tabindex: "-1" }), status: h("span", { class: "status" }), tags: h("span", { class: "marks" }),
      about: h("span"), erasedOn: h("span", { class: "ends" }), looking: h("p", { class: "meta looking", role: "status" }),
      actions: h("div", { class: "actions" }), facts: h("div"), talk: h("div", { class: "main" }),
      note: h("p", { class: "notice" }),
      aside: h("aside", { class: "aside", "aria-label": t("aside"), tabindex: "-1" },
        h("button", { type: "button", class: "shut", onclick: () => showAside(false) }, t("aside_close"))),
    };
    made.node = h("article", { class: "case", "aria-busy": "true" },
      h("header", {},
        h("button", { type: "button", class: "back", onclick: () => desk.back() }, `‹ ${t("back")}`),
        h("div", { class: "names" }, h("div", { class: "heading" }, made.title, made.status, made.tags),
          h("p", { class: "meta" }, made.about, made.erasedOn), made.looking), made.actions),
      h("div", { class: "body" }, made.talk, made.aside));
    made.talk.append(made.facts);
    return made;
  }

  /** Shows the case as it is now: a look that was begun before this call may be older than what it follows. */
  async function refresh(quiet = false) {
    coming ??= afterRunning(quiet);
    await coming;
  }

  async function afterRunning(quiet) {
    await running;
    coming = null;
    if (isGone) return;
    running = load(quiet);
    await running;
  }

  async function load(quiet) {
    try {
      const found = await api.show(caseId, talk.newest, quiet);
      if (!node.isConnected) return;
      show(found);
      if (found.messages) talk.add(found.messages);
      talk.away(found.messages === null);
    } catch (error) {
      if (GONE.includes(error.status)) vanish();
      else if (error.code === "no_right") forbid();
      else if (node.isConnected) desk.trouble(error, current ? null : t("failed"));
    }
  }

  function show({ case: item, notes: written, suggestions: ideas, ...form }) {
    const isFirst = current === null;
    current = item;
    say(parts.title, pick(item.title, item.topic));
    say(parts.status, t(statusKey(item)));
    parts.status.className = `status ${item.status}${item.mine ? " mine" : ""}`;
    parts.tags.replaceChildren(...tagsOf(item).map(([kind, text]) => h("span", { class: `tag ${kind}` }, text)));
    say(parts.about, [item.merchant.name, item.skill, languageName(item.language), clock(item.queued_at)].join(" · "));
    say(parts.erasedOn, t("erased_on", day(item.erased_on)));
    say(parts.looking, item.watchers.length ? t("looking", names(item.watchers)) : "");
    if (isFirst) begin(item, form);
    notes.update(written, item.status !== "closed");
    suggestions.update(ideas, isMine(item));
    actions.arrange(item, written.length);
    box.node.hidden = !isMine(item) || actions.isErasing;
    parts.note.hidden = isMine(item);
    say(parts.note, isMine(item) ? "" : noteOf(item));
    node.removeAttribute("aria-busy");
    if (isFirst) parts.title.focus();
  }

  /** What is made once, when it is known whose case it is and in which language. */
  function begin(item, form) {
    parts.facts.replaceChildren(factsOf(form));
    const canned = desk.shop(item.merchant.id).canned.map(({ key, text }) => ({
      key, text: text[item.language.split("-")[0]] || pick(text, key) }));
    box = composer({
      draft: desk.drafts.get(caseId), replies: canned, onSend: send, onTyping: () => api.typing(caseId).catch(desk.trouble),
      onText: (text) => desk.drafts.set(caseId, text),
    });
    parts.talk.append(box.node);
    for (const pending of desk.outbox.of(caseId)) pending.bubble = talk.sending(pending);
  }

  function send(text) {
    const pending = { text, clientId: crypto.randomUUID() };
    pending.bubble = talk.sending(pending);
    desk.outbox.add(caseId, pending);
  }

  function showAside(isOpen) {
    node.classList.toggle("has-aside", isOpen);
    if (isOpen) parts.aside.focus();
  }

  function leave() {
    desk.drafts.delete(caseId);
    desk.back();
    desk.refresh();
  }

  function forbid() {
    isGone = true;
    instead(t("no_right"), t("no_right_lead"));
  }

  /** Nothing of an erased or expired case stays on the screen. */
  function vanish() {
    isGone = true;
    desk.drafts.delete(caseId);
    if (current || actions.isErasing) instead(t("erased"), t("erased_lead"));
    else instead(t("failed"), t("gone"));
    desk.refresh();
  }

  function instead(title, lead) {
    if (!node.isConnected) return;
    parent.replaceChildren(empty(h("h2", { tabindex: "-1" }, title), h("p", { role: "status" }, lead),
      h("button", { type: "button", onclick: () => desk.back() }, t("back"))));
    parent.querySelector("h2").focus();
  }

  const unlessGone = (work) => () => isGone || work();
  return {
    caseId,
    refresh,
    get isGone() {
      return isGone;
    },
    typing: () => talk.typing(),
    focusReply: () => box?.focus(),
    note: unlessGone(() => { showAside(true); notes.focus(); }),
    claim: unlessGone(actions.claim), close: unlessGone(actions.close), transfer: unlessGone(actions.transfer),
    giveBack: unlessGone(actions.giveBack),
    /** Shuts what lies over the conversation; whether something did. */
    uncover() {
      const isCovered = node.classList.contains("has-aside");
      showAside(false);
      return isCovered && getComputedStyle(parts.aside).position === "absolute";
    },
  };
}

const isMine = (item) => item.mine && item.status === "assigned";

function statusKey(item) {
  if (item.status !== "assigned") return `status_${item.status}`;
  return item.mine ? "status_assigned" : "status_other";
}

function noteOf(item) {
  if (item.status === "assigned") return item.owner_name ? t("is_named", item.owner_name) : t("is_others");
  if (item.status !== "closed") return t(item.status === "filed" ? "claim_left" : "claim_to_answer");
  return item.rating ? `${t("is_closed")} ${t("rated", item.rating)}` : t("is_closed");
}
