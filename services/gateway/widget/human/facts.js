/** What the visitor has said already, and what a form must hold. Pure. */

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
