/** A plot as a picture: its title and its key are in it, so that it can stand alone. */
import { keyOf } from "./lines.js";

const [EDGE, LINE] = [16, 22];
const PAINTED = ["fill", "fill-opacity", "stroke", "stroke-width", "font-size", "font-family", "opacity"];

/** A PNG of a plot. */
export async function pictureOf(place, table, title) {
  const drawn = place.querySelector("canvas") ?? (await painted(place.querySelector("svg")));
  const lines = table.kind === "lines" ? keyOf(place, table) : [];
  const scale = drawn.width / place.clientWidth;
  const look = getComputedStyle(document.body);
  const canvas = document.createElement("canvas");
  const head = EDGE + LINE * (1 + lines.length);
  canvas.width = drawn.width + 2 * EDGE * scale;
  canvas.height = drawn.height + (head + EDGE) * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = look.getPropertyValue("--surface");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = look.color;
  pen.font = "600 15px system-ui, sans-serif";
  pen.fillText(title, EDGE, EDGE + 12);
  lines.forEach((line, index) => key(pen, line, EDGE + LINE * (index + 1) + 8, look.color));
  pen.drawImage(drawn, EDGE, head, drawn.width / scale, drawn.height / scale);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function key(pen, { label, dash, colour }, y, ink) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(EDGE, y);
  pen.lineTo(EDGE + 32, y);
  pen.stroke();
  pen.fillStyle = ink;
  pen.font = "12px system-ui, sans-serif";
  pen.fillText(label, EDGE + 40, y + 4);
}

/** An SVG as an image: what the style sheet says is written into a copy first. */
async function painted(svg) {
  const copy = svg.cloneNode(true);
  const [from, to] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((node, index) => {
    const look = getComputedStyle(node);
    for (const name of PAINTED) to[index].setAttribute(name, look.getPropertyValue(name));
  });
  const image = new Image(svg.clientWidth * 2, svg.clientHeight * 2);
  copy.setAttribute("viewBox", `0 0 ${svg.clientWidth} ${svg.clientHeight}`);
  copy.setAttribute("width", svg.clientWidth * 2);
  copy.setAttribute("height", svg.clientHeight * 2);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
