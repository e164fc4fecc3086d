/** The way to the server, with the shop's key. */
import { arriving, keep } from "../key.js";
import { Refused } from "./shared/calls.js";

export const who = arriving();

/** Remembers a key, or forgets it. */
export function take(merchant, token) {
  Object.assign(who, { merchant, token });
  keep(merchant, token);
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
  if (!answer.ok) throw new Refused(answer.status, said.error, Number(answer.headers.get("retry-after")));
  return said;
}
