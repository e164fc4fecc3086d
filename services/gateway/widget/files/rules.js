/** What may be given, how it is said, and what a refusal means. Pure. */

const MOST = 5;
const LARGEST = 5 * 1024 * 1024;
const MEGABYTE = 1e6;

/* Each type's own bytes, and where they stand, as the gateway has them. */
const SIGNATURES = {
  "image/jpeg": ["\xff\xd8\xff", 0],
  "image/png": ["\x89PNG\r\n\x1a\n", 0],
  "image/webp": ["WEBPVP8", 8],
  "application/pdf": ["%PDF-", 0],
};

/** What a dialog of the system offers to choose. */
export const TYPES = Object.keys(SIGNATURES).join();

/** So many first bytes tell the type. */
export const HEAD = 16;

/** What a file is by its first bytes, whatever it is called; undefined: nothing that may be given. */
export function typeOf(bytes) {
  const head = String.fromCharCode(...bytes);
  return Object.keys(SIGNATURES).find((type) => head.startsWith(...SIGNATURES[type]));
}

/** What keeps each file from being sent, as a key of the words; null: nothing. `before`: how many files
 *  the conversation has, `isOpen`: whether people are there to take them.
 */
export function faults(files, before, isOpen) {
  let left = MOST - before;
  return files.map((file) => {
    const own = isOpen ? file.fault ?? fault(file) : "over";
    if (own) return own;
    left -= 1;
    return left < 0 ? "many" : null;
  });
}

function fault({ type, size }) {
  if (!size) return "empty";
  if (!type) return "type";
  return size > LARGEST ? "large" : null;
}

/* What is too large was seen before it was sent: then it is the picture's measures. */
const REFUSALS = {
  attachment_too_large: "pixels", attachment_type: "type", attachment_empty: "empty",
  attachment_unreadable: "damaged", attachment_limit: "many", attachments_for_people: "over",
  attachments_off: "over", unknown_attachment: "over",
};

/** What a refusal by the gateway is, as a key of the words. */
export const refusal = (code) => REFUSALS[code] ?? "refused";

/** Whether the file itself is at fault: the same one would be refused again. */
export const isLasting = (fault) => fault !== "over" && fault !== "refused";

/** A file's size in words, such as "1.2 MB". */
export function sizeOf(bytes, language) {
  const [n, unit] = bytes < MEGABYTE ? [Math.max(bytes / 1000, 1), "kilobyte"] : [bytes / MEGABYTE, "megabyte"];
  const maximumFractionDigits = unit === "megabyte" ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits }).format(n);
}

/** What a file is called when it is saved: as in the conversation's download, not as by its giver. */
export const nameOf = ({ id, type }) => `${id}.${type.split("/")[1]}`;
