// One card per table of figures: a heading, a plot, the same as a real table, and a download.

import { html } from "./dom.js";
import { columnPlot, rowPlot } from "./plots.js";
import { fill, waited } from "./texts.js";

/** Every card: its id, where its rows are, which key names a row, how it is drawn. */
const CARDS = [
  { id: "days", title: "perDay", head: "day", key: "day", columns: true, size: "wide" },
  { id: "topics", title: "topics", head: "topic", key: "topic", size: "double" },
  { id: "outcomes", title: "outcomes", head: "outcome", key: "outcome" },
  { id: "languages", title: "languages", head: "language", key: "language" },
  { id: "hours", title: "perHour", head: "hour", key: "hour", columns: true, size: "wide" },
  { id: "cases", title: "cases", head: "step", key: "step", plain: true },
  { id: "waits", title: "waits", head: "upTo", key: "seconds" },
  { id: "mentions", title: "mentions", head: "kind", key: "kind" },
  { id: "lengths", title: "lengths", head: "length", key: "length" },
];

/** Makes the cards once; `show(figures, language, words)` fills them again and again. */
export function makeCards(parent, onDownload) {
  const cards = CARDS.map((kind) => makeCard(kind, onDownload));
  parent.replaceChildren(...cards.map((card) => card.node));
  return {
    show(figures, language, words) {
      for (const card of cards) card.show(figures, language, words);
    },
    redraw() {
      for (const card of cards) card.draw();
    },
  };
}

function makeCard(kind, onDownload) {
  const heading = html("h2", { id: `${kind.id}-title` });
  const button = html("button", { type: "button", class: "quiet" });
  const plot = html("figure");
  const summary = html("summary");
  const caption = html("caption");
  const head = html("tr");
  const body = html("tbody");
  const table = html("table", {}, caption, html("thead", {}, head), body);
  const scroll = html("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": heading.id }, table);
  const node = html(
    "section", { class: `card ${kind.size ?? ""}`, "aria-labelledby": heading.id },
    html("header", {}, heading, button), plot, html("details", {}, summary, scroll),
  );
  let drawn = { rows: [], title: "" };
  const card = {
    node,
    draw() {
      const width = plot.clientWidth;
      if (!width) return;
      const make = kind.columns ? columnPlot : rowPlot;
      const shown = kind.columns ? drawn.rows : drawn.rows.filter((row) => row.n);
      plot.replaceChildren(make(shown, width, drawn.title));
    },
    show(figures, language, words) {
      const rows = rowsOf(kind, figures, language, words);
      const all = rows.reduce((sum, row) => sum + row.n, 0);
      node.hidden = !kind.columns && all === 0;
      heading.textContent = words[kind.title];
      button.textContent = "CSV";
      button.setAttribute("aria-label", `${words.csv}: ${words[kind.title]}`);
      summary.textContent = words.table;
      caption.textContent = fill(words.total, { n: all });
      const columns = [words[kind.head], words.count, ...(kind.plain ? [] : [words.share])];
      head.replaceChildren(...columns.map((text, index) => cell("th", text, index, { scope: "col" })));
      body.replaceChildren(...rows.map((row) => tableRow(row, kind)));
      button.onclick = () => onDownload(`${figures.merchant.id}-${kind.id}.csv`, csv(columns, rows, kind));
      drawn = { rows, title: titleOf(words[kind.title], rows, all, words) };
      card.draw();
    },
  };
  return card;
}

function rowsOf(kind, figures, language, words) {
  const all = figures[kind.id].reduce((sum, row) => sum + row.n, 0);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  return figures[kind.id].map((row) => {
    const word = row[kind.key];
    return {
      word, n: row.n, label: labelOf(kind, word, figures, language, words), short: shortOf(kind, word, language),
      share: all && !kind.plain ? percent.format(row.n / all) : "",
    };
  });
}

function labelOf(kind, word, figures, language, words) {
  if (word === "other") return words.words.other;
  if (kind.id === "topics") return figures.titles[word]?.[language] ?? words.words[word] ?? word;
  if (kind.id === "languages") return new Intl.DisplayNames([language], { type: "language" }).of(word);
  if (kind.id === "waits") return waited(word, words);
  if (kind.id === "hours") return `${word}:00–${word}:59`;
  if (kind.id === "days") return dayOf(word, language, { weekday: "short", day: "numeric", month: "short" });
  return words.words[word] ?? word;
}

function shortOf(kind, word, language) {
  return kind.id === "days" ? dayOf(word, language, { day: "numeric", month: "numeric" }) : word;
}

function dayOf(day, language, form) {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...form, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

function titleOf(title, rows, all, words) {
  const top = rows.reduce((most, row) => (row.n > (most?.n ?? 0) ? row : most), null);
  const what = top ? `, ${fill(words.most, { what: top.label, n: top.n })}` : "";
  return `${title}: ${fill(words.total, { n: all })}${what}`;
}

function tableRow(row, kind) {
  const values = [row.label, row.n, ...(kind.plain ? [] : [row.share])];
  return html("tr", {}, ...values.map((value, index) => (index ? cell("td", value, index) : cell("th", value, 0, { scope: "row" }))));
}

function cell(name, text, index, attributes = {}) {
  const node = html(name, index ? { ...attributes, class: "number" } : attributes);
  node.textContent = String(text);
  return node;
}

function csv(columns, rows, kind) {
  const lines = [columns, ...rows.map((row) => [kind.id === "days" ? row.word : row.label, row.n, ...(kind.plain ? [] : [row.share])])];
  return lines.map((line) => line.map(quoted).join(",")).join("\r\n");
}

/** Quoted for CSV; a leading sign that a spreadsheet would run as a formula is made text. */
export function quoted(value) {
  const text = String(value);
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
