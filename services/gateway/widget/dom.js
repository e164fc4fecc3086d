/** Nodes and words. There is no HTML text anywhere in the widget: nothing a person writes can be code. */

import LANGUAGES from "./i18n/names.js";

export { LANGUAGES };

const folders = new Set(["./i18n"]);
let words = {};
let language = "en";
let wanted = language;
let bound = [];

export const current = () => language;

/** Loads a language and rewrites every node that shows words. */
export async function use(next) {
  const chosen = wanted = next in LANGUAGES ? next : "en";
  const parts = await Promise.all([...folders].map((folder) => import(`${folder}/${chosen}.js`)));
  if (chosen !== wanted) return;
  words = Object.assign({}, ...parts.map((part) => part.default));
  language = chosen;
  refresh();
}

/** Loads the words of another folder too, from now on in every language. */
export async function learn(folder) {
  folders.add(folder);
  try {
    await use(wanted);
  } catch (error) {
    folders.delete(folder);
    throw error;
  }
}

/** Rewrites what is shown, and forgets what is no longer on the page. */
export function refresh() {
  bound = bound.filter(({ node }) => node.isConnected);
  for (const { node, write } of bound) write(node);
}

/** The text of a key such as "form.title", with {values} filled in; `n` chooses the plural form. */
export function say(key, values = {}) {
  const found = key.split(".").reduce((part, name) => part?.[name], words);
  const text = found?.other ? plural(found, values.n) : found;
  return (typeof text === "string" ? text : key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The same, again whenever the language changes; for attributes and children of `el`. */
export const live = (key, values) => () => say(key, typeof values === "function" ? values() : values);

const plural = (forms, n) => forms[new Intl.PluralRules(language).select(n)] ?? forms.other;

/** The language for dates and numbers; English ones are written as in Europe. */
export const region = () => (language === "en" ? "en-GB" : language);

/* Making a format takes longer than using it a hundred times. */
const formats = new Map();

function written(date, options) {
  const key = region() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(region(), options));
  return formats.get(key).format(date);
}

/** A date in words, such as "21 February 2027". */
export const day = (date) => written(date, { dateStyle: "long" });

/** A time of day with seconds, such as "14:03:22". */
export const second = (date) => written(date, { timeStyle: "medium", hourCycle: "h23" });

/** When a turn was said: the time of day, with the date if it was not today. */
export function moment(date, now = new Date()) {
  const clock = { hour: "2-digit", minute: "2-digit" };
  const today = date.toDateString() === now.toDateString();
  const shape = today ? clock : { day: "numeric", month: "short", ...clock };
  return written(date, { ...shape, hourCycle: "h23" });
}

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 20V5M5.5 11.5L12 5l6.5 6.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-5.5 7.5-5.5s6.7 1.5 7.5 5.5",
  down: "M12 5v14M6 13l6 6 6-6",
  box: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  tag: "M3 12V4a1 1 0 0 1 1-1h8l9 9-9 9zM7.5 7.5h.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  again: "M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4 4v5h5",
  bin: "M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10.3 11v5.5M13.7 11v5.5",
  gear: "M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM19.4 15a1.65 1.65 0 0 0 .33 1.82l.06.06a2 2 0 1 1-2.83 2.83l-.06-.06a1.65 1.65 0 0 0-2.8 1.17V21a2 2 0 0 1-4 0v-.09a1.65 1.65 0 0 0-2.88-1.17l-.06.06a2 2 0 1 1-2.83-2.83l.06-.06A1.65 1.65 0 0 0 3.2 14H3a2 2 0 0 1 0-4h.09a1.65 1.65 0 0 0 1.17-2.88l-.06-.06a2 2 0 1 1 2.83-2.83l.06.06A1.65 1.65 0 0 0 10 3.2V3a2 2 0 0 1 4 0v.09a1.65 1.65 0 0 0 2.88 1.17l.06-.06a2 2 0 1 1 2.83 2.83l-.06.06A1.65 1.65 0 0 0 20.8 10H21a2 2 0 0 1 0 4h-.09a1.65 1.65 0 0 0-1.51 1z",
};

/** An element; a function as attribute or child is text that follows the language. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.flat().filter((one) => one != null && one !== false).map(child));
  return node;
}

/** A drawing, by name or as a path, that only decorates: screen readers pass it by. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name] ?? name);
  svg.append(path);
  return svg;
}

/** A button with a drawing and no visible words. */
export const iconButton = (name, label, attributes) =>
  el("button", { type: "button", class: "icon", "aria-label": label, title: label, ...attributes },
    icon(name));

/** Hands a file to the visitor. */
export function save(file, name) {
  const href = URL.createObjectURL(file);
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

/** Sets or removes an attribute. */
export function mark(node, name, on) {
  if (on) node.setAttribute(name, on === true ? "" : on);
  else node.removeAttribute(name);
}

function bind(node, write) {
  bound.push({ node, write });
  write(node);
}

function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (typeof value === "function") bind(node, (there) => there.setAttribute(name, value()));
  else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
}

function child(value) {
  if (typeof value !== "function") return value;
  const text = document.createTextNode("");
  bind(text, (there) => { there.data = value(); });
  return text;
}
