/** How many questions are answered, and how many of the answers are wrong, limit by limit. */
import { svg } from "./shared/dom.js";
import { percent, t } from "./shared/words.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [420, 240, 52, 40, 12, 16];

/** The curve as SVG; `chosen` is the point in use. */
export function curvePlot(points, chosen) {
  const most = Math.max(0.05, ...points.map(({ wrong }) => wrong)) * 1.08;
  const x = (coverage) => LEFT + coverage * (WIDTH - LEFT - RIGHT);
  const y = (wrong) => HEIGHT - BOTTOM - (wrong / most) * (HEIGHT - BOTTOM - TOP);
  const line = points.map(({ coverage, wrong }, index) => `${index ? "L" : "M"}${x(coverage).toFixed(1)} ${y(wrong).toFixed(1)}`).join("");
  const title = `${t("curve_title")}. ${t("curve_now")}: ${percent(chosen.coverage)} ${t("curve_x")}, ${percent(chosen.wrong)} ${t("curve_y")}.`;
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title, class: "plot" },
    [0, 0.25, 0.5, 0.75, 1].map((share) => [
      svg("line", { class: "axis", x1: x(share), x2: x(share), y1: TOP, y2: HEIGHT - BOTTOM }),
      svg("text", { x: x(share), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, percent(share))]),
    [0, 0.5, 1].map((share) => [
      svg("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(share * most), y2: y(share * most) }),
      svg("text", { x: LEFT - 6, y: y(share * most) + 4, "text-anchor": "end" }, percent(share * most))]),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "name" }, t("curve_x")),
    svg("text", { x: 12, y: (HEIGHT - BOTTOM + TOP) / 2, "text-anchor": "middle", class: "name", transform: `rotate(-90 12 ${(HEIGHT - BOTTOM + TOP) / 2})` }, t("curve_y")),
    svg("path", { class: "curve", d: line }),
    svg("circle", { class: "chosen", cx: x(chosen.coverage), cy: y(chosen.wrong), r: 6 }),
    svg("text", { class: "name", x: x(chosen.coverage) - 10, y: y(chosen.wrong) - 10, "text-anchor": "end" }, t("curve_now")));
}
