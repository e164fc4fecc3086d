/** What is asked before a person takes over: the fields of a topic's form, in one language. */
import { h } from "./shared/dom.js";
import { t } from "./shared/words.js";
import { field } from "./shared/parts.js";

const KINDS = ["text", "long_text", "email", "order_number"];
const KEYS = { text: "detail", long_text: "description", email: "email", order_number: "order_number" };

/** Edits `data.intake`; `changed` is called after each change. */
export function intakeEditor({ data, language, changed }) {
  const part = h("section", { class: "part", "aria-label": t("intake") });
  draw();
  return part;

  function draw() {
    const fields = data.intake ?? [];
    const add = h("select", { "aria-label": t("add_field") }, h("option", { value: "" }, `${t("add_field")} …`),
      KINDS.map((kind) => h("option", { value: kind }, t(`kind_${kind}`))));
    add.addEventListener("change", () => {
      data.intake = [...fields, { key: unused(KEYS[add.value], fields), kind: add.value, label: {}, why: {} }];
      changed();
      draw();
      part.querySelector("fieldset:last-of-type input[type=text]")?.focus();
    });
    part.replaceChildren(h("h3", {}, t("intake")), h("p", { class: "hint" }, t("intake_hint")), ...fields.map(one), h("p", {}, add));
  }

  function one(asked, index) {
    const needed = h("input", { type: "checkbox", checked: asked.required });
    needed.addEventListener("change", () => set(asked, "required", needed.checked || undefined));
    const kind = h("select", {}, KINDS.map((name) => h("option", { value: name, selected: name === asked.kind }, t(`kind_${name}`))));
    kind.addEventListener("change", () => set(asked, "kind", kind.value));
    return h("fieldset", {}, h("legend", {}, h("code", {}, asked.key)),
      field(t("field_label"), text(asked, "label")), field(t("field_why"), text(asked, "why")),
      h("div", { class: "line" }, field(t("kind"), kind),
        h("label", { class: "choice" }, needed, t("required")),
        h("button", { type: "button", class: "danger quiet-button", onclick: () => remove(index) }, t("remove_field"))));
  }

  function text(asked, name) {
    const input = h("input", { type: "text", value: asked[name]?.[language] ?? "", lang: language, maxlength: 200 });
    input.addEventListener("input", () => set(asked, name, { ...asked[name], [language]: input.value }));
    return input;
  }

  function set(asked, name, value) {
    if (value === undefined) delete asked[name];
    else asked[name] = value;
    changed();
  }

  function remove(index) {
    data.intake = data.intake.filter((_, place) => place !== index);
    if (!data.intake.length) delete data.intake;
    changed();
    draw();
  }
}

/** A key that the form does not have yet; keys hold letters only. */
function unused(key, fields) {
  const taken = new Set(fields.map((one) => one.key));
  const tries = ["", ..."bcdefghijklmnopqrstuvwxyz"].map((end) => (end ? `${key}_${end}` : key));
  return tries.find((name) => !taken.has(name));
}
