/** A table as a file for spreadsheets. Pure. */

/** The lines of a table; what is withheld says so as `<k`. */
export function csvOf({ heads, rows }, k) {
  const lines = [heads, ...rows.map(({ name, label, cells }) => [name ?? label, ...cells.map(({ n }) => n ?? `<${k}`)])];
  return lines.map((line) => line.map(quoted).join(",")).join("\r\n");
}

/** Quoted; a leading sign that a spreadsheet would run as a formula is made text. */
export function quoted(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
