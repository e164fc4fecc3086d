/** One card: a heading, a plot, the same as a real table, and both as files. */
import { csvOf } from "./csv.js";
import { barsInto, heatInto } from "./bars.js";
import { drawsLines, linesInto } from "./lines.js";
import { pictureOf } from "./picture.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";
import { sentenceOf } from "./tables.js";
import { words } from "./words.js";

const DRAW = { lines: linesInto, rows: barsInto, heat: heatInto };
const WIDE = ["time", "topic_time", "heat"];

/** A card for the table called `id`; `show(table, figures)` fills it, `draw` fits it to its width. */
export function cardFor(id) {
  const heading = h("h2", { id: `${id}-title` });
  const [csv, png] = ["CSV", "PNG"].map((kind) => h("button", { type: "button", class: "small" }, kind));
  const plot = h("figure", { role: "img" });
  const nothing = h("p", { class: "quiet" });
  const why = h("span");
  const caption = h("caption", {}, why);
  const head = h("tr");
  const body = h("tbody");
  const scroll = h("div", { class: "scroll unseen", role: "group", "aria-labelledby": heading.id, id: `${id}-table` },
    h("table", {}, caption, h("thead", {}, head), body));
  const toggle = h("button", { type: "button", class: "link", "aria-controls": scroll.id, "aria-expanded": "false" });
  const node = h("section", { class: `card ${WIDE.includes(id) ? "wide" : ""}`, "aria-labelledby": heading.id },
    h("header", {}, heading, h("p", { class: "files" }, csv, png)), plot, nothing, toggle, scroll);
  let shown = null;

  function draw() {
    const width = plot.clientWidth;
    if (shown?.rows.length && width && isDrawn(shown)) DRAW[shown.kind](plot, shown, width);
  }

  function turn(isOpen) {
    scroll.classList.toggle("unseen", !isOpen);
    // Only what is seen can be scrolled, and so needs the keyboard.
    if (isOpen) scroll.tabIndex = 0;
    else scroll.removeAttribute("tabindex");
    toggle.setAttribute("aria-expanded", String(isOpen));
    say(toggle, t(isOpen ? "hide_table" : "show_table"));
  }

  toggle.onclick = () => turn(scroll.classList.contains("unseen"));
  turn(false);
  return {
    node,
    draw,
    show(table, figures) {
      shown = table;
      const isEmpty = !table.rows.length;
      plot.hidden = png.hidden = isEmpty || !isDrawn(table);
      toggle.hidden = scroll.hidden = csv.hidden = isEmpty;
      if (!isDrawn(table)) turn(true);
      nothing.hidden = !isEmpty;
      say(heading, table.title);
      say(nothing, t("nothing", figures.k));
      say(why, t("few_why", figures.k));
      plot.setAttribute("aria-label", sentenceOf(table, words));
      csv.setAttribute("aria-label", t("get_csv", table.title));
      png.setAttribute("aria-label", t("get_png", table.title));
      head.replaceChildren(...headsOf(table).map((text, at) => h("th", { scope: "col", class: at ? "number" : null }, text)));
      body.replaceChildren(...table.rows.map((row) => rowOf(row, table, figures.k)));
      const name = `${figures.merchant.id}-${table.id}-${figures.period.from}-${figures.period.to}`;
      // The mark at the start tells spreadsheets that this is UTF-8.
      csv.onclick = () => keep(`${name}.csv`, new Blob(["\ufeff", csvOf(table, figures.k)], { type: "text/csv" }));
      png.onclick = async () => keep(`${name}.png`, await pictureOf(plot, table, `${figures.merchant.name} · ${table.title}`));
      draw();
    },
  };
}

const isDrawn = ({ kind }) => kind !== "lines" || drawsLines();
const headsOf = ({ heads, hasShares }) => (hasShares ? [...heads, t("share")] : heads);

function rowOf({ label, cells, share }, { hasShares }, k) {
  const numbers = cells.map(({ n }) => (n === null
    ? h("td", { class: "number few" }, t("few", k)) : h("td", { class: "number" }, words.number(n))));
  return h("tr", {}, h("th", { scope: "row" }, label), numbers, hasShares ? h("td", { class: "number" }, share || "–") : null);
}

function keep(name, blob) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
