/** The page's language: the browser's, unless the editor chose another. */
import en from "./texts/en.js";
import facts from "./texts/facts.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";
import { kept, keep } from "./kept.js";

const TEXTS = { nb, sv, en };
const NORWEGIAN = new Set(["no", "nb", "nn"]);

/** The languages to choose from, each in its own words. */
export const LANGUAGES = { nb: "Norsk", sv: "Svenska", en: "English" };

let current = kept("language", Object.keys(TEXTS)) ?? fromBrowser();

function fromBrowser() {
  for (const tag of navigator.languages) {
    const code = tag.split("-")[0];
    if (NORWEGIAN.has(code)) return "nb";
    if (code in TEXTS) return code;
  }
  return "en";
}

/** The language in use. */
export const language = () => current;

/** Takes another language and remembers it. */
export function choose(code) {
  current = code;
  keep("language", code);
}

/** A text; those that need values are functions. */
export function t(key, ...values) {
  const text = TEXTS[current][key];
  return typeof text === "function" ? text(...values) : text;
}

/** Whether there is a text of this name. */
export const has = (key) => key in TEXTS.en;

/** What a fact about the shop is called; its own name where there is no better one. */
export const factName = (name) => facts[current][name] ?? name;

/** The best of a content text that exists in several languages. */
export function pick(texts, otherwise) {
  return texts?.[current] || texts?.en || Object.values(texts ?? {}).find(Boolean) || otherwise;
}

/** The name of a language, such as "Swedish". */
export function languageName(code) {
  try {
    return new Intl.DisplayNames([current], { type: "language" }).of(code === "nb" ? "no" : code);
  } catch {
    return code;
  }
}

/** A day and time, as people write them. */
export function moment(iso) {
  return new Intl.DateTimeFormat(current, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** A time of day, with the day if it is not today. */
export function clock(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(current, style).format(at);
}

/** A share as per cent. */
export function percent(share) {
  return new Intl.NumberFormat(current, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** A number with at most one decimal. */
export function number(value) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: 1 }).format(value);
}
