/** Requests of people about their data: the list with its clocks, and what can be done with each. */
import { api } from "../api.js";
import { keyed } from "../keyed.js";
import { h, say } from "../shared/dom.js";
import { ask, empty, field, fresh } from "../shared/parts.js";
import { day, LANGUAGES, moment, named, t } from "../shared/words.js";
import { actions } from "./actions.js";
import { clockWords, stateWords } from "./clock.js";

const KINDS = ["access", "erasure", "rectification", "objection"];
const LOOK_MS = 5000;

/** The requests to `shops`; erasures that run are looked at until they are done. */
export function requestsPart(shops, ways) {
  const list = h("ul", { class: "people requests" });
  const told = h("p", { class: "quiet", role: "status" }, t("loading"));
  const closed = h("input", { type: "checkbox", onchange: draw });
  const none = empty(h("h3", {}, t("requests_none")), h("p", {}, t("requests_none_lead")));
  const show = keyed(list, (request) => request.id, row);
  let all = [];

  async function refresh(quiet = false) {
    try {
      all = (await api.requests(quiet)).requests;
      draw();
    } catch (error) {
      ways.trouble(error);
    }
  }

  function draw() {
    const shown = all.filter((request) => closed.checked || request.state !== "closed");
    show(shown);
    none.hidden = shown.length > 0;
    say(told, shown.length ? t("requests_n", shown.length) : "");
  }

  /** Takes what an action has changed, or looks again. */
  async function changed(work) {
    try {
      const after = await work();
      if (after?.id) all = all.map((one) => (one.id === after.id ? after : one));
      draw();
    } catch (error) {
      ways.trouble(error);
      await refresh();
    }
  }

  function row(first) {
    const head = h("div", { class: "line" });
    const facts = h("p", { class: "meta" });
    const copies = h("ul", { class: "copies" });
    const buttons = h("p", { class: "buttons" });
    const steps = h("ol", { class: "steps" });
    const name = fresh("request");
    return {
      node: h("li", { "data-id": first.id, "aria-labelledby": name }, head, facts, copies, buttons,
        h("details", {}, h("summary", {}, t("steps")), steps)),
      update(request) {
        const clock = clockWords(request.clock);
        head.replaceChildren(h("h3", { id: name }, named("kind", request.kind)),
          h("span", { class: "marks" }, h("span", { class: `tag clock ${clock.look}` }, clock.text),
            request.extension ? h("span", { class: "tag" }, t("request_extended")) : null));
        facts.replaceChildren(...lines(request, ways));
        copies.replaceChildren(...copiesOf(request, refresh));
        buttons.replaceChildren(...actions(request, changed, ways));
        steps.replaceChildren(...request.steps.map((step) => h("li", {}, h("time", { datetime: step.at }, moment(step.at)), " ", named("step", step.what))));
      },
    };
  }

  async function add() {
    const answer = await ask(t("request_new"), newFields(shops, ways), [
      { value: "", text: t("cancel") }, { value: "add", text: t("request_add"), kind: "primary" }]);
    if (!answer) return;
    const { received, ...said } = Object.fromEntries(answer.data);
    await changed(() => api.newRequest({ ...said, received_at: new Date(`${received}T12:00:00`).toISOString() }));
    await refresh();
  }

  const looking = setInterval(() => {
    if (!list.isConnected) clearInterval(looking);
    else if (all.some((one) => one.waits_for_mail || (one.state === "identified" && one.erasures.length))) refresh(true);
  }, LOOK_MS);
  refresh();
  return h("section", { class: "part", "aria-labelledby": "part-title" },
    h("div", { class: "line" }, h("h2", { id: "part-title" }, t("requests")),
      h("button", { type: "button", class: "primary", onclick: add }, t("request_new"))),
    h("p", {}, t("requests_lead")), h("label", { class: "choice" }, closed, t("request_show_closed")), told, list, none);
}

function newFields(shops, { nameOf }) {
  const option = (value, text) => h("option", { value }, text);
  const today = new Date().toLocaleDateString("sv"); // the way that date fields write a day
  return h("div", { class: "fields" },
    field(t("shop"), h("select", { name: "merchant_id" }, shops.map((id) => option(id, nameOf(id))))),
    field(t("request_kind"), h("select", { name: "kind" }, KINDS.map((kind) => option(kind, named("kind", kind))))),
    field(t("request_language"), h("select", { name: "language" }, Object.entries(LANGUAGES).map(([code, name]) => option(code, name)))),
    field(t("request_came"), h("input", { type: "date", name: "received", value: today, max: today, required: true }), { hint: t("request_came_hint") }));
}

function lines(request, { nameOf }) {
  const found = request.conversations.length || request.erasures.length;
  const isKnown = !["received", "closed"].includes(request.state);
  return [
    stateWords(request), request.refusal ? named("why", request.refusal) : null,
    isKnown ? (found ? t("found_n", found) : t("found_none")) : null,
    nameOf(request.merchant_id), `${t("request_received")} ${day(request.received_at)}`, `${t("request_due")} ${day(request.due_at)}`,
  ].filter(Boolean).flatMap((text, index) => (index ? [" · ", text] : [h("strong", {}, text)]));
}

/** What the gear menu of each conversation says, and links to what can be fetched: copies and receipts. */
function copiesOf(request, refresh) {
  const address = `api/requests/${request.id}`;
  const link = (path, text) => h("a", { href: `${address}/${path}`, download: true, onclick: () => setTimeout(refresh, 1000) }, text);
  const copies = request.can.includes("export") ? request.conversations : [];
  return [
    ...request.objections.filter(({ objects }) => objects !== null).map(({ conversation_id: id, objects }) =>
      h("li", {}, `${t("export_of")} ${id.slice(0, 8)}: `, t(objects ? "objects_yes" : "objects_no"))),
    ...copies.map((id) => h("li", {}, `${t("export_of")} ${id.slice(0, 8)}: `, link(`export/${id}?format=html`, t("export_html")), " · ",
      link(`export/${id}?format=json`, t("export_json")))),
    ...request.erasures.map(({ id, done }) => h("li", {}, `${t("receipt")} ${id.slice(0, 8)}: `,
      done ? link(`receipts/${id}`, t("receipt")) : t("receipt_running"))),
  ];
}
