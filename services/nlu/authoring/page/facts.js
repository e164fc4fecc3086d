/** The facts about the shop: one form that makes the starter answers right. */
import { api } from "./api.js";
import { h, say } from "./shared/dom.js";
import { languageName, named, percent, pick, t } from "./shared/words.js";
import { growing, head } from "./parts.js";
import { field } from "./shared/parts.js";

const RATES = [0.01, 0.02, 0.05, 0.1];

/** The screen of the form. */
export async function factsScreen(studio) {
  let { form } = await api.facts();
  let values = taken(form);
  const state = h("span", { class: "hint", role: "status" });
  const save = h("button", { type: "button", class: "primary", onclick: () => keep() }, t("save"));
  const problems = h("ul", { class: "problems" });
  const body = h("div", { class: "body" });
  draw();
  return {
    node: h("div", { class: "screen" }, head(t("facts"), { lead: t("facts_lead"), actions: [state, save] }), problems, body),
    dirty, save: keep, forget: () => { values = taken(form); },
  };

  function dirty() {
    return JSON.stringify(values) !== JSON.stringify(taken(form));
  }

  function touched() {
    save.disabled = !dirty();
    say(state, dirty() ? t("unsaved") : "");
  }

  function draw() {
    problems.hidden = !form.problems.length;
    problems.replaceChildren(...form.problems.map(({ cause, fix }) => h("li", {}, cause, " ", h("span", { class: "fix" }, fix))));
    body.replaceChildren(h("div", { class: "facts" }, [...form.facts].sort(missingFirst).map(fact)), own(), welcome(), rate());
    touched();
  }

  function titled(key) {
    return pick(studio.overview.topics.find((topic) => topic.key === key)?.title, key);
  }

  function missingFirst(one, other) {
    return (one.value !== null) - (other.value !== null);
  }

  function fact({ name, value, used_in: topics }) {
    const isApart = typeof values.facts[name] === "object" && values.facts[name] !== null;
    const apart = h("input", { type: "checkbox", checked: isApart });
    const inputs = h("div", { class: "inputs" });
    apart.addEventListener("change", () => {
      const known = values.facts[name];
      const first = form.languages[0];
      values.facts[name] = apart.checked
        ? Object.fromEntries(form.languages.map((language) => [language, String(known ?? "")]))
        : known[first] ?? "";
      fill();
      touched();
    });
    fill();
    return h("fieldset", {}, h("legend", {}, named("fact", name), " ", h("code", {}, `{${name}}`)),
      value === null ? h("p", { class: "problem" }, t("missing_fact")) : null,
      topics.length ? h("p", { class: "hint" }, t("used_in", topics.map(titled).join(", "))) : null, inputs,
      h("label", { class: "choice" }, apart, t("per_language")));

    function fill() {
      const now = values.facts[name];
      const rows = typeof now === "object" && now !== null ? form.languages : [null];
      inputs.replaceChildren(...rows.map((language) => {
        const area = growing({ value: String((language ? now[language] : now) ?? ""), lang: language, rows: 1, maxlength: 1000 });
        area.addEventListener("input", () => {
          if (language) values.facts[name] = { ...values.facts[name], [language]: area.value };
          else values.facts[name] = area.value;
          touched();
        });
        return field(language ? languageName(language) : named("fact", name), area, { unseen: !language });
      }));
    }
  }

  function own() {
    const name = h("input", { pattern: "[a-z_]{2,40}", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const add = () => {
      if (!name.value || !name.checkValidity() || name.value in values.facts) return name.focus();
      form.facts.push({ name: name.value, value: "", used_in: [] });
      values.facts[name.value] = "";
      return draw();
    };
    return h("section", { class: "part", "aria-label": t("new_fact") }, h("h3", {}, t("new_fact")),
      h("div", { class: "line" }, field(t("new_fact_name"), name), h("button", { type: "button", onclick: add }, t("add"))));
  }

  function welcome() {
    const inputs = form.languages.map((language) => {
      const area = growing({ value: values.welcome[language] ?? "", lang: language, maxlength: 500 });
      area.addEventListener("input", () => {
        values.welcome[language] = area.value;
        touched();
      });
      return field(languageName(language), area);
    });
    return h("section", { class: "part", "aria-label": t("welcome") }, h("h3", {}, t("welcome")), inputs);
  }

  function rate() {
    const rates = [...new Set([...RATES, values.wrong_answer_rate])].sort((one, other) => one - other);
    const select = h("select", {}, rates.map((one) =>
      h("option", { value: one, selected: one === values.wrong_answer_rate }, percent(one))));
    select.addEventListener("change", () => {
      values.wrong_answer_rate = Number(select.value);
      touched();
    });
    return h("section", { class: "part", "aria-label": t("wrong_rate") }, field(t("wrong_rate"), select, { hint: t("wrong_rate_hint") }));
  }

  async function keep() {
    say(state, t("saving"));
    const facts = Object.fromEntries(Object.entries(values.facts).filter(([, value]) => value !== null && value !== ""));
    const done = await studio.run(async () => {
      ({ form } = await api.saveFacts({ ...values, facts }));
      values = taken(form);
      await studio.saved();
      return true;
    });
    if (done) draw();
    else touched();
    return Boolean(done);
  }
}

/** The form's values apart from it, so that it can be compared with them. */
function taken({ facts, welcome, wrong_answer_rate: rate }) {
  const known = Object.fromEntries(facts.map(({ name, value }) => [name, structuredClone(value)]));
  return { facts: known, welcome: { ...welcome }, wrong_answer_rate: rate };
}
