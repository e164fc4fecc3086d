/** One case: facts on top, the conversation, the answer box, and what can be done with it. */
import { api } from "./api.js";
import { composer } from "./composer.js";
import { h, say } from "./dom.js";
import { clock, day, languageName, pick, t } from "./i18n.js";
import { askReason, confirmErasure } from "./parts.js";
import { thread } from "./thread.js";

const GONE = [404, 410];

/** Shows a case in `parent`; `desk` hears of claims, closings and the way back. */
export function caseView(parent, caseId, desk) {
  const title = h("h2", { tabindex: "-1" });
  const status = h("span", { class: "status" });
  const about = h("span");
  const erasedOn = h("span", { class: "ends" });
  const facts = h("div");
  const talk = thread((pending) => send(pending));
  const box = composer({ draft: desk.drafts.get(caseId), onText: keepDraft, onSend: (text) =>
    send({ text, clientId: crypto.randomUUID() }) });
  const note = h("p", { class: "notice" });
  const buttons = {
    claim: button("claim", "primary", claim),
    close: button("close", null, close),
    erase: button("erase", "danger quiet-button", erase),
  };
  const node = h("article", { class: "case", "aria-busy": "true" },
    h("header", {},
      h("button", { type: "button", class: "back", onclick: desk.back }, `‹ ${t("back")}`),
      h("div", { class: "names" }, h("div", { class: "heading" }, title, status),
        h("p", { class: "meta" }, about, erasedOn)),
      h("div", { class: "actions" }, Object.values(buttons))),
    h("section", { class: "told", "aria-label": t("facts") }, h("h3", {}, t("facts")), facts),
    talk.node, note, box.node);
  parent.replaceChildren(node);

  let current = null;
  let fetching = null;
  let leaving = false;
  let isGone = false;

  function keepDraft(text) {
    desk.drafts.set(caseId, text);
  }

  async function refresh() {
    if (isGone) return;
    fetching ??= load().finally(() => { fetching = null; });
    await fetching;
  }

  async function load() {
    try {
      const found = await api.show(caseId, talk.newest);
      if (!node.isConnected) return;
      show(found.case, found.intake);
      if (found.messages) talk.add(found.messages);
      talk.away(found.messages === null);
    } catch (error) {
      if (GONE.includes(error.status)) vanish();
      else if (node.isConnected) desk.trouble(error);
    }
  }

  function show(item, intake) {
    const isFirst = current === null;
    current = item;
    say(title, pick(item.title, item.topic));
    say(status, t(statusKey(item)));
    status.className = `status ${item.status}${item.mine ? " mine" : ""}`;
    say(about, [item.merchant.name, item.skill, languageName(item.language), clock(item.queued_at)].join(" · "));
    say(erasedOn, leaving ? t("erasing") : t("erased_on", day(item.erased_on)));
    if (isFirst) facts.replaceChildren(factList(intake));
    arrange(item);
    node.removeAttribute("aria-busy");
    if (isFirst) title.focus();
  }

  function arrange(item) {
    const isMine = item.mine && item.status === "assigned";
    buttons.claim.hidden = item.status !== "queued";
    buttons.close.hidden = !isMine;
    box.node.hidden = !isMine || leaving;
    say(note, isMine ? "" : t(noteKey(item)));
    note.hidden = isMine;
  }

  async function claim() {
    await busy(buttons.claim, async () => {
      await api.claim(caseId);
      desk.announce(t("claimed"));
      // The queue first: who sees the answer box may take the next case at once.
      await desk.refresh();
      await refresh();
      box.focus();
    });
  }

  async function send(pending) {
    pending.bubble ??= talk.sending(pending);
    try {
      pending.bubble.accepted((await api.reply(caseId, pending.clientId, pending.text)).message_id);
    } catch (error) {
      pending.bubble.failed(error.status === 401 ? t("session_ended") : t("not_sent"));
      desk.trouble(error);
    }
  }

  async function close() {
    const reason = await askReason();
    if (!reason) return;
    await busy(buttons.close, async () => {
      await api.close(caseId, reason);
      desk.announce(t("closed_said"));
      desk.drafts.delete(caseId);
      desk.back();
      desk.refresh();
    });
  }

  async function erase() {
    if (!(await confirmErasure())) return;
    await busy(buttons.erase, async () => {
      await api.erase(caseId);
      leaving = true;
      buttons.erase.hidden = true;
      box.node.hidden = true;
      say(erasedOn, t("erasing"));
      desk.announce(t("erasing"));
    });
  }

  async function busy(control, work) {
    control.disabled = true;
    try {
      await work();
    } catch (error) {
      if (GONE.includes(error.status)) vanish();
      else desk.trouble(error, error.code === "case_taken" ? t("taken") : t("failed"));
      if (error.status === 409) await refresh();
    } finally {
      control.disabled = false;
    }
  }

  /** Nothing of an erased or expired case stays on the screen. */
  function vanish() {
    const wasHere = leaving || current !== null;
    const [title, lead] = wasHere ? [t("erased"), t("erased_lead")] : [t("failed"), t("gone")];
    isGone = true;
    desk.drafts.delete(caseId);
    parent.replaceChildren(h("div", { class: "empty" },
      h("h2", { tabindex: "-1" }, title), h("p", { role: "status" }, lead),
      h("button", { type: "button", onclick: desk.back }, t("back"))));
    parent.querySelector("h2").focus();
    desk.refresh();
  }

  return {
    caseId, refresh, focusReply: () => box.focus(),
    claim: () => isGone || buttons.claim.hidden || claim(),
    close: () => isGone || buttons.close.hidden || close(),
  };
}

function button(text, kind, onclick) {
  return h("button", { type: "button", class: kind, onclick }, t(text));
}

function statusKey(item) {
  if (item.status !== "assigned") return `status_${item.status}`;
  return item.mine ? "status_assigned" : "status_other";
}

function noteKey(item) {
  if (item.status === "queued") return "claim_to_answer";
  return item.status === "closed" ? "is_closed" : "is_others";
}

function factList(intake) {
  if (!intake.length) return h("p", { class: "quiet" }, t("no_facts"));
  return h("dl", { class: "facts" }, intake.map((fact) =>
    h("div", { class: fact.kind === "long_text" ? "long" : null },
      h("dt", {}, pick(fact.label, fact.key)), h("dd", {}, factValue(fact)))));
}

function factValue(fact) {
  const value = fact.value || h("span", { class: "quiet" }, t("not_given"));
  return [value, fact.problem ? h("span", { class: "problem" }, t(`problem_${fact.problem}`)) : null];
}
