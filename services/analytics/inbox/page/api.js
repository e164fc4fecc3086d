/** The way to the server, with the shop's key; both are kept for this tab, as the statistics keep them. */
import { Refused } from "./shared/calls.js";

const KEPT = "prat.statistics";

export const who = { merchant: "", token: "" };

/** Takes the key of the address, or the one that the statistics have. */
export function arrive() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.get("token")) {
    take(given.get("merchant") ?? "", given.get("token"));
    // The key leaves the address bar, so that it is not copied or kept with a bookmark.
    history.replaceState(null, "", location.pathname + location.search);
  } else {
    const { merchant = "", token = "" } = read();
    Object.assign(who, { merchant, token });
  }
}

/** Remembers a key, or forgets it. */
export function take(merchant, token) {
  Object.assign(who, { merchant, token });
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...read(), merchant, token }));
  } catch {
    // Storage may be forbidden: then the key lives as long as the page.
  }
}

export const api = {
  look: (choice) => call("GET", `/api/inbox?${new URLSearchParams({ merchant: who.merchant, ...choice })}`),
  putAway: (id, choice, how, topic = "") => call("POST", `/api/inbox/${id}`, { ...choice, how, topic }),
  undo: (undo) => call("POST", "/api/inbox/undo", { undo }),
};

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${who.token}`, "content-type": "application/json" };
  const sent = body && JSON.stringify({ merchant: who.merchant, ...body });
  const answer = await fetch(path, { method, headers, body: sent }).catch(() => {
    throw new Refused(0, { code: "no_answer" });
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said.error);
  return said;
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}
