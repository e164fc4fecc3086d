/** The page's words, in the browser's language unless the person chose another. */
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";
import { kept, keep } from "./kept.js";

const TEXTS = { nb, sv, da, fi, en };
const NORWEGIAN = new Set(["no", "nb", "nn"]);

/** The languages to choose from, each in its own words. */
export const LANGUAGES = { nb: "Norsk", sv: "Svenska", da: "Dansk", fi: "Suomi", en: "English" };

let current = kept("language", Object.keys(LANGUAGES)) ?? fromBrowser(navigator.languages);

function fromBrowser(tags) {
  for (const tag of tags) {
    const code = tag.split("-")[0];
    if (NORWEGIAN.has(code)) return "nb";
    if (code in LANGUAGES) return code;
  }
  return "en";
}

/** Adds the texts of one page, by language, to those of all pages. */
export function teach(texts) {
  for (const [code, own] of Object.entries(texts)) TEXTS[code] = { ...TEXTS[code], ...own };
}

/** The language in use. */
export const language = () => current;

/** Takes another language and remembers it. */
export function choose(code) {
  current = code;
  keep("language", code);
}

/** A text; one that needs values is a function, one that is counted by its first value has plural forms. */
export function t(key, ...values) {
  const text = TEXTS[current][key];
  const form = text?.other ? text[new Intl.PluralRules(current).select(values[0])] ?? text.other : text;
  return typeof form === "function" ? form(...values) : form;
}

/** What a thing of this kind is called; its own name where there is no better one. */
export const named = (kind, name) => t(`${kind}_${name}`) ?? name;

/** The best of a content text that exists in several languages. */
export function pick(texts, otherwise) {
  return texts?.[current] || texts?.en || Object.values(texts ?? {}).find(Boolean) || otherwise;
}

/** The name of a language, such as "Swedish"; plain "Norwegian" tells enough. */
export function languageName(code) {
  try {
    return new Intl.DisplayNames([current], { type: "language" }).of(code === "nb" ? "no" : code);
  } catch {
    return code;
  }
}

/* English is written as in Europe: 23 November, 14:05. */
const region = () => (current === "en" ? "en-GB" : current);
const written = (date, style) => writer(Intl.DateTimeFormat, region(), style).format(date);

/* A formatter costs a hundred times what it writes: 200 running clocks share one. */
const writers = new Map();
function writer(Kind, place, style) {
  const key = `${Kind.name} ${place} ${JSON.stringify(style)}`;
  if (!writers.has(key)) writers.set(key, new Kind(place, style));
  return writers.get(key);
}

/** A day, as people write it. */
export const day = (iso) => written(new Date(iso), { dateStyle: "long" });

/** A day and time. */
export const moment = (iso) => written(new Date(iso), { dateStyle: "medium", timeStyle: "short" });

/** A time of day, with the day if it is not today. */
export function clock(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return written(at, { ...(today ? {} : { dateStyle: "short" }), timeStyle: "short" });
}

/** A number with at most one decimal. */
export function number(value, style = {}) {
  return writer(Intl.NumberFormat, region(), { maximumFractionDigits: 1, ...style }).format(value);
}

/** A share as per cent. */
export const percent = (share) => number(share, { style: "percent" });

/** A stretch of time, short: 42 sec, 3 min 5 sec, 2 hr 10 min. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = { hour: Math.floor(whole / 3600), minute: Math.floor(whole / 60) % 60, second: whole % 60 };
  const first = Object.keys(parts).find((unit) => parts[unit]) ?? "second";
  const units = { hour: ["hour", "minute"], minute: ["minute", "second"], second: ["second"] }[first];
  const write = (unit) =>
    writer(Intl.NumberFormat, current, { style: "unit", unit, unitDisplay: "short" }).format(parts[unit]);
  return units.map(write).join(" ");
}
