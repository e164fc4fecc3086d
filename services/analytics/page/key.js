/** The shop's key: taken from the address once, then kept for this tab; statistics and inbox share it. */

const KEPT = "prat.statistics";

/** The shop and the key that the address gives, or else those that this tab has; empty without. */
export function arriving() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.get("token")) return kept();
  keep(given.get("merchant") ?? "", given.get("token"));
  // The key leaves the address bar, so that it is not copied or kept with a bookmark.
  history.replaceState(null, "", location.pathname + location.search);
  return { merchant: given.get("merchant") ?? "", token: given.get("token") };
}

/** Remembers a shop and its key for this tab; an empty key is a forgotten one. */
export function keep(merchant, token) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ merchant, token }));
  } catch {
    // Storage may be forbidden: then the key lives as long as the page.
  }
}

/** What this tab has. */
export function kept() {
  try {
    return { merchant: "", token: "", ...JSON.parse(sessionStorage.getItem(KEPT)) };
  } catch {
    return { merchant: "", token: "" };
  }
}
