/** Small rules without a page: readable colours, and what a form must hold. */

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

const EMAIL = /[^\s@<>()[\],;:"]{1,64}@[^\s@<>()[\],;:"]{1,190}\.[a-zæøåäö]{2,24}/gi;
const ORDER_NUMBER = /(?<![\d\w])\d{8}(?![\d\w])/g;

/** The newest e-mail address and order number in the visitor's own words, by kind of field. */
export function factsIn(texts) {
  const newest = (pattern) => texts.flatMap((text) => text.match(pattern) ?? []).at(-1) ?? "";
  return { email: newest(EMAIL), order_number: newest(ORDER_NUMBER) };
}

const FAULTS = {
  email: (value) => !/^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,24}$/.test(value),
  order_number: (value) => !/^\d{8}$/.test(value.replace(/[\s.-]/g, "")),
};

/** Longest answer the gateway takes for one field. */
export const LONGEST = 2000;

/** What is wrong with the answers: field key → "required", "long" or the kind of field. */
export function faults(fields, answers) {
  const found = {};
  for (const { key, kind, required } of fields) {
    const value = (answers[key] ?? "").trim();
    if (!value && required) found[key] = "required";
    else if (value.length > LONGEST) found[key] = "long";
    else if (value && FAULTS[kind]?.(value)) found[key] = kind;
  }
  return found;
}
