/** The ways out of a case, asked for in dialogs: close it, give it back, pass it on. */
import { api } from "./api.js";
import { h } from "./shared/dom.js";
import { ask, field } from "./shared/parts.js";
import { pick, t } from "./shared/words.js";

const REASONS = ["solved", "unsolved", "abandoned"];
const MOST_NOTE_LETTERS = 1000;

/** Why a case ends, what was solved, and a note; resolves to what the server takes, or to null. */
export async function askEnding(item, topics) {
  const title = (topic) => pick(topic.title, topic.key);
  const sorted = [...topics].sort((one, other) => title(one).localeCompare(title(other)));
  const solved = h("select", { name: "solved_topic" }, h("option", { value: "" }, t("solved_topic_none")),
    sorted.map((topic) => h("option", { value: topic.key, selected: topic.key === item.topic }, title(topic))));
  const about = field(t("solved_topic"), solved, { hint: t("solved_topic_hint") });
  const reasons = radios("reason", t("close_title"), REASONS.map((reason) => ({ value: reason, text: t(`reason_${reason}`) })));
  reasons.addEventListener("change", (event) => { about.hidden = event.target.value !== "solved"; });
  const answer = await ask(t("close_title"), h("div", { class: "fields" }, h("p", {}, t("close_lead")), reasons, about,
    noteField()), [cancel(), { value: "close", text: t("close_now"), kind: "primary" }]);
  if (!answer) return null;
  const reason = answer.data.get("reason");
  const topic = reason === "solved" ? answer.data.get("solved_topic") : "";
  return { reason, ...(topic ? { solved_topic: topic } : {}), ...noted(answer.data) };
}

/** Whether a case goes back to the queue, and with which note; resolves to null if not. */
export async function askReturn() {
  const answer = await ask(t("return_title"), h("div", { class: "fields" }, h("p", {}, t("return_lead")), noteField()),
    [cancel(), { value: "return", text: t("return_now"), kind: "primary" }]);
  return answer && noted(answer.data);
}

/** To which skill or colleague a case goes; resolves to what the server takes, or to null. */
export async function askTransfer(item, shop) {
  const { colleagues } = await api.colleagues(item.merchant.id);
  const skills = shop.skills.filter((skill) => skill !== item.skill).map((skill) => ({
    value: `skill ${skill}`, text: skill }));
  const people = colleagues.filter((one) => one.skills.includes("*") || one.skills.includes(item.skill)).map((one) => ({
    value: `agent_id ${one.agent_id}`, text: one.name, aside: placesOf(one),
    disabled: one.state !== "online" || one.free < 1 }));
  const choices = [radios("target", t("transfer_people"), people), radios("target", t("transfer_skills"), skills)]
    .filter((group) => group.querySelector("input"));
  if (!choices.some((group) => group.querySelector("input:enabled"))) choices.push(h("p", {}, t("transfer_nobody")));
  const answer = await ask(t("transfer_title"), h("div", { class: "fields" }, h("p", {}, t("transfer_lead")), choices,
    noteField()), [cancel(), { value: "transfer", text: t("transfer_now"), kind: "primary" }]);
  const target = answer?.data.get("target");
  if (!target) return null;
  const [kind, ...rest] = target.split(" ");
  return { [kind]: rest.join(" "), ...noted(answer.data) };
}

function placesOf({ state, free }) {
  return state === "online" ? t("free_places", free) : t(state);
}

function radios(name, legend, choices) {
  const first = choices.find((choice) => !choice.disabled);
  return h("fieldset", {}, h("legend", { class: name === "reason" ? "unseen" : null }, legend), choices.map((choice) =>
    h("label", { class: "choice" },
      h("input", { type: "radio", name, value: choice.value, required: true, disabled: choice.disabled,
        checked: name === "reason" && choice === first }),
      h("span", {}, choice.text), choice.aside ? h("span", { class: "quiet" }, choice.aside) : null)));
}

const cancel = () => ({ value: "", text: t("cancel") });
const noteField = () => field(t("note_along"), h("textarea", { name: "note", rows: "2", maxlength: MOST_NOTE_LETTERS }),
  { hint: t("note_hint") });

function noted(data) {
  const note = data.get("note").trim();
  return note ? { note } : {};
}
