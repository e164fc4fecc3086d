/** How the help was, 1 to 5: asked once, easily passed over. */

import { el, live, say } from "../dom.js";

const SCORES = [1, 2, 3, 4, 5];

/** The card; `rate(score)` is told 1 to 5, or null when the visitor does not want to say. */
export function rating(rate) {
  const fault = el("p", { class: "fault", id: "rate-fault", role: "alert" });
  const scale = el("fieldset", { class: "scale", "aria-describedby": "rate-fault" },
    el("legend", {}, live("rate.title")),
    el("div", { class: "scores" }, SCORES.map((score) => choice(score, fault))),
    el("p", { class: "ends", "aria-hidden": "true" },
      el("span", {}, live("rate.1")), el("span", {}, live("rate.5"))));
  return el("form", { class: "people", novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    const chosen = scale.querySelector(":checked");
    if (chosen) return rate(Number(chosen.value));
    fault.textContent = say("rate.none");
    scale.querySelector("input").focus();
  } }, scale, fault, el("div", { class: "choices" },
    el("button", { class: "main" }, live("rate.send")),
    el("button", { type: "button", class: "pill", onclick: () => rate(null) }, live("rate.skip"))));
}

function choice(score, fault) {
  const input = el("input", { type: "radio", name: "score", value: score,
    "aria-label": () => `${score}: ${say(`rate.${score}`)}`,
    onchange: () => { fault.textContent = ""; } });
  return el("label", {}, input, el("span", { "aria-hidden": "true" }, `${score}`));
}
