/** The form before the queue: asks only what the topic needs, says why, never asks twice. */

import { el, live, mark, refresh, say } from "../dom.js";
import { LONGEST, faults } from "./facts.js";
import { opening } from "./waiting.js";

const COMPLETE = { email: "email", name: "name", full_name: "name", phone: "tel", telephone: "tel" };
const INPUT = { email: { type: "email", inputmode: "email" },
  order_number: { type: "text", inputmode: "numeric" }, text: { type: "text" } };

/** `on` is told: submit(topic, answers), back(), and asked: opensAt(). `topics()` are the merchant's, in
 *  the language.
 */
export class Intake {
  #on; #topics; #answers = {}; #known = {}; #topic = null; #rows = [];

  constructor(topics, on) {
    this.#topics = topics;
    this.#on = on;
    this.choice = el("select", { id: "topic", class: "field", required: true,
      "aria-describedby": "topic-fault", onchange: () => this.#chosen() });
    this.fields = el("div");
    this.refused = el("p", { class: "fault", role: "alert" });
    this.node = el("form", { class: "form", hidden: true, novalidate: true,
      "aria-labelledby": "form-title", onsubmit: (event) => this.#submit(event) },
    el("h3", { id: "form-title", tabindex: -1 }, live("form.title")),
    el("p", { class: "why" }, live("form.why")),
    (this.shut = el("p", { class: "shut" }, live("form.closed"), " ", () => opening(on.opensAt()))),
    this.refused,
    el("label", { for: "topic" }, live("form.topic")), this.choice, fault("topic"), this.fields,
    el("div", { class: "choices" },
      (this.send = el("button", { class: "main" }, () => say(this.#isOpenNow ? "form.join" : "form.leave"))),
      el("button", { type: "button", class: "pill", onclick: () => on.back() }, live("form.back"))));
  }

  get isOpen() { return !this.node.hidden; }

  /** Opens the form for a topic (null: the visitor chooses); `known` is what was said in the
   *  conversation, by key or kind of field, `answers` what was written in the form before.
   */
  open(topic, known, answers = {}, wasRefused = false) {
    this.#topic = this.#topics().some((one) => one.topic === topic) ? topic : null;
    this.#keep();
    const written = Object.entries({ ...this.#answers, ...answers }).filter(([, answer]) => answer);
    this.#answers = Object.fromEntries(written);
    this.#known = known;
    this.#rows = [];
    this.node.hidden = false;
    this.refused.textContent = wasRefused ? say("form.refused") : "";
    this.draw();
    this.focus();
  }

  /** Puts the visitor where the next answer is wanted. */
  focus() {
    (this.#rows[0]?.input ?? this.choice).focus();
  }

  /** Draws topics and fields, keeping what is written; also after a change of language. */
  draw() {
    this.#keep();
    const option = ({ topic, title }) => el("option", { value: topic }, title);
    this.choice.replaceChildren(el("option", { value: "" }, say("form.choose")),
      ...this.#topics().map(option));
    this.choice.value = this.#topic ?? "";
    this.#drawFields();
    this.tell();
  }

  /** Says whether people are there for the topic, or a message would be left. */
  tell() {
    this.shut.hidden = this.#isOpenNow;
    refresh();
  }

  close() {
    this.node.hidden = true;
  }

  /** Forgets every answer. */
  clear() {
    this.close();
    this.#answers = this.#known = {};
    this.fields.replaceChildren();
    this.#rows = [];
  }

  get #isOpenNow() {
    const chosen = this.#topics().filter((one) => !this.#topic || one.topic === this.#topic);
    return chosen.some((one) => one.open_now);
  }

  get #declared() {
    return this.#topics().find((one) => one.topic === this.#topic)?.fields ?? [];
  }

  #chosen() {
    this.#keep();
    this.#topic = this.choice.value || null;
    this.#drawFields();
    this.#tell(this.choice, this.#topic ? null : "required");
    this.tell();
  }

  #drawFields() {
    this.#rows = this.#declared.map((field) => this.#row(field));
    this.fields.replaceChildren(...this.#rows.flatMap((row) => row.nodes));
  }

  #row({ key, kind, required, label, why }) {
    const id = `field-${key}`;
    const known = this.#known[key] ?? this.#known[kind];
    const filled = el("p", { class: "hint filled", id: `${id}-filled` }, live("form.filled"));
    const about = { id, name: key, "aria-describedby": `${id}-why ${id}-filled ${id}-fault`, required,
      "aria-required": required ? "true" : null, autocomplete: COMPLETE[key] ?? COMPLETE[kind] ?? "off",
      maxlength: LONGEST, oninput: () => settle() };
    const input = kind === "long_text" ? el("textarea", { ...about, rows: 3 })
      : el("input", { ...about, ...INPUT[kind], class: "field" });
    const settle = () => { filled.hidden = !known || input.value !== known; };
    input.value = this.#answers[key] ?? known ?? "";
    settle();
    const name = el("label", { for: id }, label, !required && el("span", {}, " ", say("form.optional")));
    return { key, input,
      nodes: [name, el("p", { class: "hint", id: `${id}-why` }, why), input, filled, fault(id)] };
  }

  #keep() {
    for (const { key, input } of this.#rows) this.#answers[key] = input.value;
  }

  #submit(event) {
    event.preventDefault();
    this.#keep();
    const found = faults(this.#declared, this.#answers);
    this.#tell(this.choice, this.#topic ? null : "required");
    for (const { key, input } of this.#rows) this.#tell(input, found[key]);
    const first = [this.choice, ...this.#rows.map((row) => row.input)]
      .find((input) => input.getAttribute("aria-invalid"));
    if (first) first.focus();
    else this.#on.submit(this.#topic, this.#given());
  }

  #given() {
    const answers = this.#declared.map(({ key, kind }) => [key, tidy(kind, this.#answers[key])]);
    return Object.fromEntries(answers.filter(([, value]) => value));
  }

  #tell(input, problem) {
    mark(input, "aria-invalid", problem ? "true" : false);
    this.node.querySelector(`#${input.id}-fault`).textContent =
      problem ? say(`form.${problem}`, { n: LONGEST }) : "";
  }
}

/* An order number is stored as its digits, however it was typed. */
const tidy = (kind, answer = "") =>
  (kind === "order_number" ? answer.replace(/[\s.-]/g, "") : answer.trim());

const fault = (id) => el("p", { class: "fault", id: `${id}-fault` });
