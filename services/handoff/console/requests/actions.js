/** What can be done with a request: each a button, and a dialog that says what follows. */
import { api } from "../api.js";
import { h } from "../shared/dom.js";
import { ask, confirmed, field } from "../shared/parts.js";
import { named, pick, t } from "../shared/words.js";

const DELAYS = ["complex", "many"];
const REFUSALS = ["not_identified", "not_found", "excessive", "must_be_kept"];

/** The buttons that the server offers for a request; `changed` takes the call and its answer. */
export function actions(request, changed, { tell }) {
  const act = (what, body) => changed(() => api.onRequest(request.id, what, body));

  async function byMail() {
    const email = await asked("by_mail_title", "by_mail_lead", "by_mail_now", { type: "email", label: t("email") });
    if (!email) return;
    await changed(async () => {
      const after = await api.onRequest(request.id, "mail", { email });
      tell(t("by_mail_said"));
      return after;
    });
  }

  async function byReference() {
    const id = await asked("by_reference", "by_reference_lead", "by_reference_now", { label: "conversation_id" });
    if (id) await act("reference", { conversation_id: id });
  }

  async function byOrder() {
    const number = await asked("by_order", "by_order_lead", "by_order_now", { label: t("by_order") });
    if (number) await act("order", { order_number: number });
  }

  async function because(what, lead, now, reasons) {
    const choice = h("select", { name: "said" }, reasons.map((one) => h("option", { value: one }, named("why", one))));
    const answer = await ask(t(`do_${what}`), h("div", { class: "fields" }, h("p", {}, t(lead)), field(t("why"), choice)), buttons(t(now)));
    if (answer) await act(what, { reason: answer.data.get("said") });
  }

  async function erase() {
    const lead = t("erase_lead", request.conversations.length);
    if (await confirmed(t("do_erase"), lead, t("erase_all_now"))) await act("erase");
  }

  async function object() {
    if (await confirmed(t("do_object"), t("object_lead"), t("object_now"), "primary")) await act("object");
  }

  async function correct() {
    await changed(async () => {
      const { cases } = await api.requestFacts(request.id);
      let after = null;
      for (const one of cases) after = (await corrected(request, one)) ?? after;
      return after;
    });
  }

  const offers = {
    identify: () => [button("by_mail", byMail, "primary"), button("by_reference", byReference)],
    order: () => [button("by_order", byOrder)],
    extend: () => [button("do_extend", () => because("extend", "extend_lead", "extend_now", DELAYS))],
    refuse: () => [button("do_refuse", () => because("refuse", "refuse_lead", "refuse_now", REFUSALS))],
    erase: () => [button("do_erase", erase, "danger")],
    object: () => [button("do_object", object, "primary")],
    correct: () => [button("do_correct", correct, "primary")],
    export: () => [],
    done: () => [button("do_done", () => act("done"), "primary")],
    close: () => [button("do_close", () => act("close")), h("span", { class: "meta" }, t("close_hint"))],
  };
  return request.can.flatMap((name) => offers[name]());
}

/** Asks for the right facts of one case; null where nothing is to be changed. */
async function corrected(request, { case_id: caseId, topic, facts }) {
  const inputs = facts.map(({ key, kind, label, value }) => field(pick(label, key),
    kind === "long_text" ? h("textarea", { name: key, value, rows: "4" }) : h("input", { name: key, value, autocomplete: "off" })));
  const answer = await ask(pick(topic, ""), h("div", { class: "fields" }, h("p", {}, t("correct_lead")), inputs), buttons(t("save")));
  if (!answer) return null;
  return api.onRequest(request.id, "facts", { case_id: caseId, fields: Object.fromEntries(answer.data) });
}

async function asked(title, lead, now, { label, type = "text" }) {
  const input = h("input", { name: "said", type, required: true, autocomplete: "off", maxlength: "200" });
  const answer = await ask(t(title), h("div", { class: "fields" }, h("p", {}, t(lead)), field(label, input)), buttons(t(now)));
  return answer?.data.get("said").trim();
}

const buttons = (now) => [{ value: "", text: t("cancel") }, { value: "yes", text: now, kind: "primary" }];
const button = (text, onclick, kind) => h("button", { type: "button", class: kind, onclick }, t(text));
