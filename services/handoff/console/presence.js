/** Whether the agent takes cases, and how many at once; away by itself when nobody touches the page. */
import { api } from "./api.js";
import { idleness } from "./idle.js";
import { h, say } from "./shared/dom.js";
import { keep, kept } from "./shared/kept.js";
import { disclosure, field } from "./shared/parts.js";
import { LANGUAGES, t } from "./shared/words.js";

const CHECK_MS = 15_000;
const STATES = ["online", "away"];

/** The control in the bar; `agent.presence` is what the server says, `trouble` hears what failed. */
export function presenceControl(agent, { announce, trouble }) {
  const left = kept("left", ["yes"]) !== null && agent.presence.state === "away";
  const idle = idleness(Date.now(), left);
  let open = 0;
  let under = 0;
  let turn = Promise.resolve();

  const word = h("span", {});
  const load = h("span", { class: "load" });
  const button = h("button", { type: "button", class: "presence" }, h("span", { class: "dot" }), word, load);
  const choices = STATES.map((state) => h("input", { type: "radio", name: "presence", value: state,
    onchange: () => wish({ state }) }));
  const places = h("input", { type: "number", min: "1", max: "20", inputmode: "numeric",
    onchange: () => places.reportValidity() && wish({ capacity: Number(places.value) }) });
  const spoken = Object.entries(LANGUAGES).map(([code, name]) => h("label", { class: "choice", lang: code },
    h("input", { type: "checkbox", value: code, onchange: () => wish({ languages: ticked() }) }), name));
  const isGiven = agent.merchants.some((shop) => shop.routing === "auto");
  const node = disclosure(button, h("div", { class: "panel" },
    h("fieldset", {}, h("legend", {}, t("presence")), choices.map((box, index) =>
      h("label", { class: "choice" }, box, t(STATES[index])))),
    field(t("capacity"), places, { hint: t("capacity_hint") }),
    isGiven ? h("fieldset", {}, h("legend", {}, t("languages")), h("span", { class: "hint" }, t("languages_hint")), spoken) : null,
    h("p", { class: "quiet" }, t("away_hint"))));

  const boxes = () => spoken.map((label) => label.querySelector("input"));
  const ticked = () => boxes().filter((box) => box.checked).map((box) => box.value);

  function tell() {
    const { state, capacity } = agent.presence;
    node.dataset.state = state;
    say(word, t(state));
    say(load, t("load", open, capacity));
  }

  /** The controls as well: never while somebody's choice is on its way, or being typed. */
  function show() {
    const { state, capacity, languages } = agent.presence;
    tell();
    choices.forEach((box) => { box.checked = box.value === state; });
    places.value = capacity;
    for (const box of boxes()) box.checked = languages.includes(box.value);
  }

  /** One wish after another: an answer to the one before never takes back the next. */
  async function wish(wanted, quiet = false) {
    under += 1;
    turn = turn.then(() => ask(wanted, quiet));
    await turn;
    under -= 1;
    if (under) tell();
    else show();
  }

  async function ask(wanted, quiet) {
    const full = { state: agent.presence.state, ...wanted };
    try {
      agent.presence = (await api.presence(full, quiet)).presence;
      keep("left", quiet && full.state === "away" ? "yes" : "no");
      announce(t(`now_${full.state}`));
    } catch (error) {
      trouble(error, t("failed"));
    }
  }

  function check() {
    if (agent.presence.state === "online" && idle.left(Date.now())) wish({ state: "away" }, true);
  }

  const timer = setInterval(check, CHECK_MS);
  show();

  return {
    node,
    /** Shows how many cases are open now. */
    update(count) {
      open = count;
      tell();
    },
    /** Somebody is at the desk: back online, if it was only left. */
    used: () => idle.touched(Date.now()) && wish({ state: "online" }),
    stop: () => clearInterval(timer),
  };
}

/** In place of the control, for who does not answer cases. */
export const NO_PRESENCE = { node: null, update() {}, used() {}, stop() {} };
