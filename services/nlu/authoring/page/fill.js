/** Answers filled in as the bot does it (services/nlu/dialogue/wording.py), for the preview beside the field. */

const FORM = String.raw`(?:=[0-9]+|one|other) \{[^{}]*\}`;
const PLACE = new RegExp(String.raw`\{([a-z_]+)(?:, plural,((?: ${FORM})+))?\}`, "g");
const FORMS = /(=[0-9]+|one|other) \{([^{}]*)\}/g;

/** Parts of a filled text: what stands there itself, what was filled in, and names of nothing known. */
export function filled(text, variables) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(PLACE)) {
    const [whole, name, forms] = found;
    parts.push({ text: text.slice(from, found.index), kind: "own" });
    const value = variables[name];
    parts.push(value === undefined
      ? { text: `{${name}}`, kind: "unknown" }
      : { text: forms ? counted(forms, value) : value, kind: "fact" });
    from = found.index + whole.length;
  }
  return [...parts, { text: text.slice(from), kind: "own" }].filter((part) => part.text);
}

function counted(forms, value) {
  const known = Object.fromEntries([...forms.matchAll(FORMS)].map(([, form, text]) => [form, text]));
  const form = known[`=${value}`] ?? known[value === "1" ? "one" : "other"] ?? known.other ?? "";
  return form.replaceAll("#", value);
}
