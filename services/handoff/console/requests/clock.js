/** How the time of a request stands, in words and in a look: never by colour alone. */
import { named, t } from "../shared/words.js";

const LOOKS = { ok: "good", soon: "came", late: "shut-out", stopped: "" };

/** The words of a clock, and the look that goes with them. */
export function clockWords({ state, days }) {
  const text = { late: () => t("clock_late", Math.max(1, -days)), stopped: () => t("clock_stopped") }[state];
  return { look: LOOKS[state], text: text ? text() : days ? t("clock_left", days) : t("clock_today") };
}

/** What a request waits for. */
export function stateWords(request) {
  if (request.state === "identified" && request.erasures.length) return t("state_erasing");
  return request.state === "received" && request.waits_for_mail ? t("state_mailed") : named("state", request.state);
}
