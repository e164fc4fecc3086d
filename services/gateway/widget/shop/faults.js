/** What is wrong with the shop's tag or calls, for whoever reads the console; fetched only then. */

const OPTIONS = {
  merchant: "the shop's id: lower-case letters, digits and hyphens",
  locale: "nb, sv, da, fi or en",
  colour: "#rrggbb, such as #0f5c57",
  position: "left or right",
  title: "1 to 60 characters on one line",
  launcher: "1 to 30 characters on one line",
  zIndex: "a whole number of at most 9 digits",
  hidden: "true or false",
};
const attribute = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
const names = (table) => Object.keys(table).join(", ");

const FAULTS = {
  merchant: () => ["data-merchant is missing", "add data-merchant with the shop's id to the tag"],
  option: (name, value) =>
    [`${attribute(name)}="${value}" is not valid and was left out`, `give ${OPTIONS[name]}`],
  event: (name, table) => [`there is no event "${name}"`, `listen to one of: ${names(table)}`],
  call: (name, table) => [`there is no call "${name}"`, `use one of: ${names(table)}`],
  context: (key, fix) => [`setContext: "${key}" was left out`, fix],
  identity: (code) => [`identify: the token was refused (${code})`, "see docs/embedding.md, Identify"],
};

/** Writes a fault and its fix to the console. */
export function warn(kind, ...given) {
  const [what, fix] = FAULTS[kind](...given);
  console.warn(`Prat: ${what}. Fix: ${fix}.`);
}
