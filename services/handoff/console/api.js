/** The way to the server: JSON calls with our header, and the stream of notices. */

/** An answer that says no; `code` is stable, `status` is HTTP, 0 when nothing answered. */
export class Refused extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { "content-type": "application/json", "x-prat-console": "1" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  }).catch(() => {
    throw new Refused(0, "no_answer");
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said.error?.code ?? "failed");
  return said;
}

const caseAddress = (id, what = "") => `api/cases/${encodeURIComponent(id)}${what}`;

export const api = {
  me: () => call("GET", "api/me"),
  logIn: (email, password) => call("POST", "api/login", { email, password }),
  logOut: () => call("POST", "api/logout"),
  queue: () => call("GET", "api/queue"),
  show: (id, after) => call("GET", caseAddress(id, `?after=${after}`)),
  claim: (id) => call("POST", caseAddress(id, "/claim")),
  reply: (id, clientId, text) =>
    call("POST", caseAddress(id, "/reply"), { client_id: clientId, text }),
  close: (id, reason) => call("POST", caseAddress(id, "/close"), { reason }),
  erase: (id) => call("DELETE", caseAddress(id)),
};

/** Listens for notices until `close`; the browser connects again by itself. */
export function listen(onNotice, onState) {
  const stream = new EventSource("api/stream");
  stream.onopen = () => onState(true);
  stream.onerror = () => onState(false);
  stream.onmessage = (message) => onNotice(JSON.parse(message.data));
  return stream;
}
