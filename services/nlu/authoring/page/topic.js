/** One topic: a form per language, or its text; saved by button, by Ctrl + S, and before leaving. */
import { api } from "./api.js";
import { answerEditor } from "./answers.js";
import { h, say } from "./shared/dom.js";
import { languageName, pick, t } from "./shared/words.js";
import { intakeEditor } from "./intake.js";
import { lineEditor } from "./lines.js";
import { head } from "./parts.js";
import { confirmed, field } from "./shared/parts.js";
import { textEditor } from "./yaml.js";

const TEXT = "yaml";
const LONGEST = 300;
const MOST_GIVEN = 20;
let shown = null;

/** The screen of the topic `key`; `given` may bring examples, which nobody has saved yet. */
export async function topicScreen(studio, key, given) {
  const { languages } = studio.overview;
  let { topic } = await api.topic(key);
  let data = structuredClone(topic.data);
  let text = topic.text;
  if (shown === null || ![...languages, TEXT].includes(shown)) [shown] = languages;
  const problems = h("ul", { class: "problems", "aria-label": t("problems") });
  const tabs = h("div", { class: "tabs-of", role: "tablist" });
  const body = h("div", { class: "body", role: "tabpanel", id: "topic-body" });
  const state = h("span", { class: "hint", role: "status" });
  const save = h("button", { type: "button", class: "primary", onclick: () => keep() }, t("save"));
  const gone = h("button", { type: "button", class: "danger quiet-button", onclick: remove });
  const title = head(pick(topic.data?.title, key), { lead: key, actions: [state, gone, save] });
  let editor = null;

  const taken = take();
  const notice = taken ? h("p", { class: "warning", role: "status" }, t("examples_taken", taken), " ", h("a", { href: "#/test" }, t("test"))) : "";
  draw();
  return { node: h("div", { class: "screen" }, title, notice, problems, tabs, body), dirty, save: keep, forget, ready: draw };

  /** Adds the examples that were given, those that are not there yet; how many. */
  function take() {
    const language = given.get("language");
    if (!data || !languages.includes(language)) return 0;
    const known = data.examples?.[language] ?? [];
    const there = new Set(known.map((line) => line.toLowerCase()));
    const fresh = given.getAll("example").map((line) => line.trim().slice(0, LONGEST))
      .filter((line) => line && !there.has(line.toLowerCase()) && there.add(line.toLowerCase())).slice(0, MOST_GIVEN);
    if (fresh.length) data.examples = { ...data.examples, [language]: [...known, ...fresh] };
    shown = language;
    return fresh.length;
  }

  function dirty() {
    return text !== topic.text || JSON.stringify(data) !== JSON.stringify(topic.data);
  }

  /** Gives up what is not saved. */
  function forget() {
    data = structuredClone(topic.data);
    text = topic.text;
  }

  function touched() {
    save.disabled = !dirty();
    say(state, dirty() ? t("unsaved") : "");
  }

  function draw() {
    if (!data) shown = TEXT;
    gone.hidden = !topic.own;
    say(gone, topic.starter ? t("give_up") : t("remove_topic"));
    tabs.replaceChildren(...languages.map(tab), tab(TEXT));
    drawProblems();
    drawBody();
    touched();
  }

  function tab(name) {
    const label = name === TEXT ? t("text") : languageName(name);
    const isShown = name === shown;
    const count = name === TEXT ? null : h("span", { class: "count" }, (data?.examples?.[name] ?? []).length);
    return h("button", {
      type: "button", role: "tab", "aria-selected": String(isShown), "aria-controls": "topic-body", tabindex: isShown ? "0" : "-1",
      disabled: name !== TEXT && !data, onclick: () => turn(name), onkeydown: arrows,
    }, label, " ", count);
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...tabs.children].filter((one) => !one.disabled);
    all[(all.indexOf(event.currentTarget) + step + all.length) % all.length].click();
  }

  /** Form and text show the same thing, so the one is saved before the other is opened. */
  async function turn(name) {
    const crosses = (name === TEXT) !== (shown === TEXT);
    if (crosses && dirty() && !(await keep())) return;
    shown = name;
    draw();
    tabs.querySelector("[aria-selected=true]").focus();
  }

  function drawProblems() {
    problems.hidden = !topic.problems.length;
    problems.replaceChildren(...topic.problems.map((one) => h("li", {},
      h("button", { type: "button", class: "link", onclick: () => goTo(one.line) }, t("line", one.line)), " ",
      h("span", {}, one.cause), " ", h("span", { class: "fix" }, one.fix))));
  }

  async function goTo(line) {
    if (shown !== TEXT) await turn(TEXT);
    editor?.goTo(line);
  }

  function drawBody() {
    if (shown === TEXT) {
      editor = textEditor(text, (typed) => { text = typed; touched(); });
      body.replaceChildren(...(data ? [] : [h("p", { class: "warning" }, t("text_only"))]), editor.node);
      return;
    }
    const language = shown;
    body.replaceChildren(titleField(language),
      h("div", { class: "columns" },
        h("div", {}, list("examples", "example", language), testList(language)),
        h("div", {}, answerEditor({ data, language, variables: topic.variables, changed: touched }),
          list("buttons", "button_n", language, 3), intakeEditor({ data, language, changed: touched }))));
  }

  function titleField(language) {
    const input = h("input", { value: data.title?.[language] ?? "", lang: language, maxlength: 120 });
    input.addEventListener("input", () => {
      data.title = { ...data.title, [language]: input.value };
      touched();
    });
    return field(t("title"), input, { hint: t("title_hint") });
  }

  function list(name, row, language, most) {
    return lineEditor({
      label: t(name), hint: t(`${name}_hint`), add: t(name === "buttons" ? "add_button" : "add_examples"), name: row, language, most,
      values: data[name]?.[language] ?? [],
      changed: (lines) => {
        const others = { ...data[name], [language]: lines };
        if (name === "buttons" && !Object.values(others).some((one) => one.length)) delete data[name];
        else data[name] = others;
        touched();
        const count = tabs.querySelector("[aria-selected=true] .count");
        if (name === "examples" && count) say(count, String(lines.length));
      },
    });
  }

  /** Tests of all languages are one list in the file; here each language has its own. */
  function testList(language) {
    const all = () => data.tests ?? [];
    return lineEditor({
      label: t("tests"), hint: t("tests_hint"), add: t("add_tests"), name: "item", language,
      values: all().filter((test) => test.language === language).map((test) => test.say),
      changed: (lines) => {
        const known = new Map(all().filter((test) => test.language === language).map((test) => [test.say, test]));
        const own = lines.map((line) => known.get(line) ?? { say: line, language });
        data.tests = [...all().filter((test) => test.language !== language), ...own];
        if (!data.tests.length) delete data.tests;
        touched();
      },
    });
  }

  /** Keeps the topic in the draft; resolves to whether that worked. */
  async function keep() {
    say(state, t("saving"));
    save.disabled = true;
    const done = await studio.run(async () => {
      const answer = await api.saveTopic(key, shown === TEXT ? { text } : { data });
      topic = answer.topic;
      forget();
      await studio.saved();
      return true;
    });
    if (done) drawAfterSave();
    else touched();
    return Boolean(done);
  }

  /** The fields stay as they are, so that nobody loses their place. */
  function drawAfterSave() {
    gone.hidden = !topic.own;
    drawProblems();
    if (shown !== TEXT) {
      const place = [...body.querySelectorAll("input, textarea, select, button")].indexOf(document.activeElement);
      drawBody();
      body.querySelectorAll("input, textarea, select, button")[place]?.focus({ preventScroll: true });
    }
    touched();
  }

  async function remove() {
    const words = topic.starter ? ["give_up_title", "give_up_lead"] : ["remove_title", "remove_lead"];
    if (!(await confirmed(t(words[0]), t(words[1]), t("remove")))) return;
    forget();
    await studio.run(async () => {
      await api.removeTopic(key);
      await studio.saved();
      studio.go(topic.starter ? location.hash : "#");
    });
  }
}
