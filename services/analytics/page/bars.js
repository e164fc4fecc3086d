/** Bars and the heat map as SVG, drawn at the width they have, so that text keeps its size. */
import { svg } from "./shared/dom.js";
import { number } from "./shared/words.js";

const [ROW, SIDE, HEAT_ROW, HEAT_HEAD] = [42, 120, 26, 20];

/** Rows with a label above a bar, and the number at its end. */
export function barsInto(place, { rows }, width) {
  const shown = rows.filter(({ cells: [{ n }] }) => n !== null);
  const most = Math.max(1, ...shown.map(({ cells: [{ n }] }) => n));
  const room = Math.max(60, width - SIDE);
  place.replaceChildren(svg("svg", { width, height: Math.max(1, shown.length) * ROW },
    shown.map(({ label, word, share, cells: [{ n }] }, index) => [
      svg("text", { x: 0, y: index * ROW + 14 }, clipped(label, width)),
      svg("rect", { class: "track", x: 0, y: index * ROW + 21, width: room, height: 12, rx: 3 }),
      svg("rect", { class: `fill ${word}`, x: 0, y: index * ROW + 21, width: (room * n) / most, height: 12, rx: 3 }),
      svg("text", { x: room + 8, y: index * ROW + 32 }, share ? `${number(n)} · ${share}` : number(n)),
    ])));
}

/** Weekdays by hours: the darker, the more; the number stands in it where there is room. */
export function heatInto(place, { heads, rows }, width) {
  const numbers = rows.flatMap(({ cells }) => cells.map(({ n }) => n ?? 0));
  const most = Math.max(1, ...numbers);
  // From this share of the most on, the number is read better in the other ink.
  const turn = matchMedia("(prefers-color-scheme: dark)").matches ? 0.6 : 0.85;
  const left = width < 480 ? 34 : 44;
  const step = (width - left) / (heads.length - 1);
  const every = Math.ceil(24 / step);
  const across = (hour) => left + hour * step;
  const down = (day) => HEAT_HEAD + day * HEAT_ROW;
  place.replaceChildren(svg("svg", { width, height: down(rows.length) + 2 },
    heads.slice(1).map((hour, at) => (at % every ? null
      : svg("text", { class: "soft", x: across(at) + step / 2, y: 13, "text-anchor": "middle" }, hour))),
    rows.flatMap(({ short, cells }, day) => [
      svg("text", { class: "soft", x: 0, y: down(day) + 17 }, short),
      cells.flatMap(({ n }, hour) => [
        svg("rect", { class: "track", x: across(hour) + 1, y: down(day), width: step - 2, height: HEAT_ROW - 2, rx: 3 }),
        n === null ? null : svg("rect", { class: "fill", x: across(hour) + 1, y: down(day), width: step - 2, height: HEAT_ROW - 2, rx: 3, "fill-opacity": (0.2 + (0.8 * n) / most).toFixed(2) }),
        n === null || step < 26 ? null : svg("text", { class: n / most > turn ? "on" : "", x: across(hour) + step / 2, y: down(day) + 16, "text-anchor": "middle" }, number(n)),
      ]),
    ])));
}

function clipped(text, width) {
  const fits = Math.max(8, Math.floor(width / 7.5));
  return text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
}
