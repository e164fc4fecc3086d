/** Readable colours, whatever colour a merchant has. Pure. */

const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const hexOf = (rgb) => `#${rgb.map((n) => Math.round(n).toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance, 0 (black) to 1 (white). */
export function luminance(hex) {
  const [r, g, b] = parts(hex).map((n) => {
    const share = n / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1 to 21. */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever reads better on the colour (always at least 4.5:1). */
export const inkOn = (hex) =>
  (contrast(hex, "#000000") >= contrast(hex, "#ffffff") ? "#000000" : "#ffffff");

/** The colour, darkened or lightened just enough to reach `least` against the surface. */
export function readable(hex, surface, least = 4.5) {
  const target = parts(inkOn(surface));
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = hexOf(parts(hex).map((n, at) => n + (target[at] - n) * share));
    if (contrast(mixed, surface) >= least) return mixed;
  }
  return inkOn(surface);
}
