/** What is said of waiting, in words: how long, until when, and what has changed. Pure. */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400000;
const LEFT_BY_AGENT = { bot: "gone", queue: "passedOn", filed: "putBack" };

/** What of a range of seconds is said: { key, range } such as { key: "about", range: "2–5 minutes" }. */
export function waitOf({ low, high }, language) {
  if (high <= MINUTE) return { key: "soon" };
  const unit = high > 2 * HOUR ? { name: "hour", length: HOUR } : { name: "minute", length: MINUTE };
  const from = Math.round(low / unit.length);
  const to = Math.ceil(high / unit.length);
  const format = { style: "unit", unit: unit.name, unitDisplay: "long" };
  const most = new Intl.NumberFormat(language, format).format(to);
  if (!from) return { key: "most", range: most };
  return { key: "about", range: from === to ? most : `${from}–${most}` };
}

/** A coming moment as people say it: { day: "Monday", time: "09:00" }, in the visitor's own zone. */
export function momentOf(at, now, language) {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const time = new Intl.DateTimeFormat(language, clock).format(at);
  const away = Math.round((midnight(at) - midnight(now)) / DAY);
  if (away <= 1) {
    return { day: new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(away, "day"), time };
  }
  // Beside a time of day a weekday has the form that stands in a sentence ("maanantaina").
  const parts = new Intl.DateTimeFormat(language, { weekday: "long", ...clock }).formatToParts(at);
  const weekday = parts.find((part) => part.type === "weekday").value;
  if (away < 7) return { day: weekday, time };
  const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" }).format(at);
  return { day: `${weekday} ${date}`, time };
}

/** The line in the conversation that a change of owner is worth, by its key; null: none. */
export function noteOf(owner, before) {
  if (owner.owner === "agent") {
    const isOther = owner.agent && owner.agent !== before.agent;
    return before.owner !== "agent" || isOther ? "joined" : null;
  }
  if (before.owner === "agent") return LEFT_BY_AGENT[owner.owner];
  if (owner.owner !== "bot" || before.owner === "bot") return null;
  return before.owner === "filed" ? "withdrawn" : "unqueued";
}

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
