// Bar plots as SVG, drawn at the width they have, so that text keeps its size. Each has a table beside it.

import { svg } from "./dom.js";

const ROW = 40;
const HEIGHT = 170;
const FOOT = 22;
const HEAD = 18;

/** Rows with a label above a bar and the number at its end. `rows`: {label, n, share, word}. */
export function rowPlot(rows, width, title) {
  const most = Math.max(1, ...rows.map((row) => row.n));
  const room = Math.max(60, width - 100);
  const plot = svg("svg", { height: Math.max(1, rows.length) * ROW, role: "img", "aria-label": title });
  rows.forEach((row, index) => {
    const top = index * ROW;
    plot.append(
      svg("text", { x: 0, y: top + 14 }, clipped(row.label, width)),
      svg("rect", { class: "track", x: 0, y: top + 20, width: room, height: 12, rx: 3 }),
      svg("rect", { class: `bar ${row.word}`, x: 0, y: top + 20, width: (room * row.n) / most, height: 12, rx: 3 }),
      svg("text", { x: room + 8, y: top + 31, class: "value" }, row.share ? `${row.n} · ${row.share}` : String(row.n)),
    );
  });
  return plot;
}

/** Columns side by side in their order: days or hours. `rows`: {short, n}. */
export function columnPlot(rows, width, title) {
  const most = Math.max(1, ...rows.map((row) => row.n));
  const step = width / Math.max(1, rows.length);
  const room = HEIGHT - FOOT - HEAD;
  const every = Math.ceil(44 / step);
  const plot = svg("svg", { height: HEIGHT, role: "img", "aria-label": title });
  plot.append(svg("line", { class: "axis", x1: 0, x2: width, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT }));
  rows.forEach((row, index) => {
    const tall = (room * row.n) / most;
    const left = index * step + step * 0.15;
    const middle = index * step + step / 2;
    plot.append(svg("rect", { class: "bar", x: left, y: HEIGHT - FOOT - tall, width: step * 0.7, height: tall, rx: Math.min(3, step * 0.2) }));
    if (row.n && step >= 22) plot.append(label(middle, HEIGHT - FOOT - tall - 5, row.n));
    if (index % every === 0) plot.append(label(middle, HEIGHT - 6, row.short));
  });
  return plot;
}

function label(x, y, text) {
  return svg("text", { class: "soft", x, y, "text-anchor": "middle" }, String(text));
}

function clipped(text, width) {
  const fits = Math.max(8, Math.floor(width / 7.2));
  return text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
}
