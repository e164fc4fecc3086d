/** Lines over time, by uPlot. What is withheld is a gap, not nought. */
import { h } from "./shared/dom.js";
import { number } from "./shared/words.js";

const HEIGHT = 240;
const COLOURS = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5"];
const DASHES = [[], [8, 4], [2, 4], [10, 3, 2, 3], [4, 4]];
const STEPS = [1, 2, 5, 7, 10, 14, 30];

/** Whether the library is there: whoever runs this may have left it out. */
export const drawsLines = () => "uPlot" in globalThis;

/** Draws a table's columns as lines into `place`. */
export function linesInto(place, { heads, rows }, width) {
  const look = getComputedStyle(place);
  const ink = (name) => look.getPropertyValue(name).trim();
  const data = [rows.map((_, index) => index), ...heads.slice(1).map((_, at) => rows.map(({ cells }) => cells[at].n))];
  const axis = { stroke: ink("--quiet"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const holder = h("div");
  place.replaceChildren(holder);
  new globalThis.uPlot({
    width, height: HEIGHT,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: (_, first, last) => [first - 0.3, last + 0.3] }, y: { range: (_, __, most) => [0, (most || 1) * 1.1] } },
    axes: [
      { ...axis, incrs: STEPS, space: 64, values: (_, at) => at.map((index) => rows[index]?.short ?? "") },
      { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000], values: (_, at) => at.map((value) => number(value)) },
    ],
    series: [
      { label: heads[0], value: (_, index) => rows[index]?.label ?? "–" },
      ...heads.slice(1).map((label, at) => ({
        label, width: 2, stroke: ink(COLOURS[at]), dash: DASHES[at], spanGaps: false,
        points: { show: true, size: 6, fill: ink(COLOURS[at]) },
        value: (_, value) => (value === null || value === undefined ? "–" : number(value)),
      })),
    ],
    legend: { markers: { dash: (_, at) => (at > 1 ? "dashed" : "solid") } },
  }, data, holder);
}

/** The colours and dashes of the lines, for a picture that stands alone. */
export const keyOf = (place, { heads }) => heads.slice(1).map((label, at) => ({
  label, dash: DASHES[at], colour: getComputedStyle(place).getPropertyValue(COLOURS[at]).trim(),
}));

