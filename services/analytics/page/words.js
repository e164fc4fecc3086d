/** The words and numbers that the pure parts of the page ask for, in the language in use. */
import { day, duration, language, languageName, named, number, percent, pick, t } from "./shared/words.js";

const MONDAY = "2024-01-01";
const LONGEST = 14_400;
const UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];
const written = (iso, style) =>
  new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), { ...style, timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));

/** A day of the shop's calendar; no clock, and so no time zone, has a part in it. */
const dayOf = (iso) => written(iso, { weekday: "short", day: "numeric", month: "short" });

function weekday(at) {
  const monday = new Date(`${MONDAY}T00:00:00Z`);
  monday.setUTCDate(monday.getUTCDate() + at);
  return written(monday.toISOString().slice(0, 10), { weekday: "short" });
}

/** A bound of waiting time: "60" is "within 1 min", "longer" is above the last bound. */
const bound = (word) => (word === "longer" ? t("over", rounded(LONGEST)) : t("within", rounded(Number(word))));

/** A time in its largest unit: the bounds are whole ones. */
function rounded(seconds) {
  const [unit, size] = UNITS.find(([, least]) => seconds >= least);
  return number(seconds / size, { style: "unit", unit, unitDisplay: "short" });
}

/** Everything that a table or a tile is said with. */
export const words = {
  t, named, number, percent, languageName, weekday, bound, duration, long: (iso) => day(`${iso}T12:00:00`),
  day: dayOf, shortDay: (iso) => written(iso, { day: "numeric", month: "numeric" }),
  age: (days) => t("at_most_days", number(days)), rating: (value) => t("of_five", number(value)), pick: (texts, otherwise) => pick(texts, otherwise),
};
