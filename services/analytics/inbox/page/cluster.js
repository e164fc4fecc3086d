/** One cluster: how many, in which languages, some phrases with chips for what was taken out, and what to do. */
import { h } from "./shared/dom.js";
import { ask, field, fresh } from "./shared/parts.js";
import { languageName, pick, t } from "./shared/words.js";

/** The card of a cluster; `acts` say what teaching and putting away do. */
export function clusterCard(cluster, { topics, authoring, merchant }, acts) {
  const guess = topics.find(({ key }) => key === cluster.guess);
  const title = pick(guess?.title, null);
  const facts = [
    size(cluster.size), languageName(cluster.language), title ? t("guess", title) : t("no_guess"),
  ].filter(Boolean);
  const id = fresh("phrases");
  const button = (kind, text, onclick) => h("button", { type: "button", class: kind, "aria-describedby": id, onclick }, text);
  return h("article", { class: "card" },
    h("ul", { class: "facts" }, facts.map((fact) => h("li", {}, fact))),
    cluster.phrases.length ? h("ul", { class: "phrases", id }, cluster.phrases.map((pieces) => h("li", {}, pieces.map(piece))))
      : h("p", { class: "quiet", id }, t("no_phrase")),
    h("p", { class: "buttons" }, button(null, t("dismiss"), () => acts.dismiss(cluster)),
      authoring ? button("primary", t("teach"), () => teachIt(cluster, { topics, authoring, merchant }, acts)) : null));
}

function size({ from, to }) {
  return to === null ? t("size_above", from) : t("size", from, to);
}

function piece({ text, token }) {
  return token ? h("span", { class: "chip" }, t(`token_${token}`) ?? t("token_UNKNOWN")) : text;
}

/** A phrase as an example: without what was taken out, and without the holes that it leaves. */
export function example(pieces) {
  const text = pieces.map(({ text: own }) => own ?? " ").join("");
  return text.replace(/\s+/g, " ").replace(/\s+([?!.,;:])/g, "$1").replace(/[,;:]+(?=[?!.,;:])/g, "").replace(/^[\s,.;:]+|[\s,;:]+$/g, "");
}

/** Each example once, however it begins. */
export function examplesOf(phrases) {
  const once = new Map();
  for (const text of phrases.map(example)) if (!once.has(text.toLowerCase())) once.set(text.toLowerCase(), text);
  return [...once.values()].filter(Boolean);
}

/** Where the authoring page takes examples from: the fragment, which no server is ever sent. */
export function teachingLink(authoring, merchant, topic, language, examples) {
  const given = new URLSearchParams({ shop: merchant, language });
  for (const one of examples) given.append("example", one);
  return `${authoring.replace(/\/$/, "")}/#/topic/${encodeURIComponent(topic)}?${given}`;
}

async function teachIt(cluster, { topics, authoring, merchant }, acts) {
  const phrases = h("textarea", { name: "examples", rows: 5, required: true }, examplesOf(cluster.phrases).join("\n"));
  const choice = topicChoice(topics, cluster.guess);
  const answer = await ask(t("teach_title"), h("div", { class: "fields" },
    h("p", {}, t("teach_lead")), field(t("examples"), phrases, { hint: t("examples_hint") }), choice), [
    { value: "", text: t("cancel") }, { value: "teach", text: t("teach_go"), kind: "primary" },
  ]);
  const topic = answer?.data.get("topic");
  if (!topic) return;
  const examples = answer.data.get("examples").split("\n").map((line) => line.trim()).filter(Boolean);
  open(teachingLink(authoring, merchant.id, topic, cluster.language, examples), "_blank", "noopener");
  await acts.taught(cluster, topic);
}

function topicChoice(topics, guess) {
  const sorted = topics.map(({ key, title }) => ({ key, title: pick(title, key) })).sort((a, b) => a.title.localeCompare(b.title));
  const row = ({ key, title }) => h("label", { class: "choice" },
    h("input", { type: "radio", name: "topic", value: key, required: true, checked: key === guess }), title);
  const rows = h("div", { class: "topics", role: "radiogroup", "aria-label": t("topic") }, sorted.map(row));
  const search = h("input", { type: "search", oninput: () => {
    const wanted = search.value.trim().toLowerCase();
    sorted.forEach(({ key, title }, at) => { rows.children[at].hidden = !`${key} ${title}`.toLowerCase().includes(wanted); });
  } });
  return h("div", {}, field(t("search_topic"), search), rows);
}
