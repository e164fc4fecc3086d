/** Where the page is: shop, period and time zone, as the address says it. Pure. */

/** The periods to choose from; "own" is from one day to another. */
export const PERIODS = ["7", "28", "90", "month", "own"];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The place that an address's query names; whatever it does not name is as at the start. */
export function placeOf(search) {
  const asked = new URLSearchParams(search);
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const own = DAY.test(from) && DAY.test(to);
  const period = own ? "own" : asked.get("period");
  return {
    shop: asked.get("shop") ?? "",
    period: PERIODS.includes(period) && (own || period !== "own") ? period : PERIODS[0],
    from: own ? from : "", to: own ? to : "", zone: asked.get("zone") ?? "",
  };
}

/** The query of a place, for the address bar: what it shows, never what opens it. */
export function searchOf({ shop, period, from, to, zone }) {
  const said = period === "own" ? { shop, from, to, zone } : { shop, period, zone };
  return `?${new URLSearchParams(Object.entries(said).filter(([, value]) => value))}`;
}

/** What the interface is asked for. */
export function askedOf({ shop, period, from, to }) {
  const when = { own: { from, to }, month: { month: "this" } }[period] ?? { days: period };
  return new URLSearchParams({ merchant: shop, ...when, compare: "previous" });
}
