/** The console's language: the browser's, unless the agent chose another. */
import en from "./texts/en.js";
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

/** A text; those that need a value are functions. */
export function t(key, value) {
  const text = TEXTS[current][key];
  return typeof text === "function" ? text(value) : text;
}

/** The best of a content text that exists in several languages. */
export function pick(texts, otherwise) {
  return texts[current] ?? texts.en ?? Object.values(texts)[0] ?? otherwise;
}

/** The name of a language, such as "Swedish"; plain "Norwegian" tells an agent enough. */
export function languageName(code) {
  try {
    return new Intl.DisplayNames([current], { type: "language" }).of(code === "nb" ? "no" : code);
  } catch {
    return code;
  }
}

/** A day, as people write it. */
export function day(iso) {
  return new Intl.DateTimeFormat(current, { dateStyle: "long" }).format(new Date(iso));
}

/** A time of day, with the day if it is not today. */
export function clock(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(current, style).format(at);
}

/** A stretch of time, short: 42 s, 3 min 05 s, 2 h 10 min. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours) return `${hours} ${t("h")} ${minutes} ${t("min")}`;
  return minutes ? `${minutes} ${t("min")} ${rest} ${t("s")}` : `${rest} ${t("s")}`;
}
