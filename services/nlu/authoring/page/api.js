/** The way to the server: JSON calls with our header and the mark of the draft before us. */

/** An answer that says no; `code` is stable, `status` is HTTP, 0 when nothing answered. */
export class Refused extends Error {
  constructor(status, { code = "failed", message = "", fix = "" } = {}) {
    super(code);
    Object.assign(this, { status, code, said: message, fix });
  }
}

/** Which shop is edited, and the draft that this page has seen last. */
export const at = { shop: null, mark: null };

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { "content-type": "application/json", "x-prat-authoring": "1" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  }).catch(() => {
    throw new Refused(0, { code: "no_answer" });
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said.error);
  at.mark = said.mark ?? said.draft?.mark ?? at.mark;
  return said;
}

const shop = (what) => `api/shops/${encodeURIComponent(at.shop)}${what}`;
const topic = (key) => shop(`/topics/${encodeURIComponent(key)}`);
const change = (method, path, body = {}) => call(method, path, { ...body, mark: at.mark });

export const api = {
  me: () => call("GET", "api/me"),
  logIn: (email, password) => call("POST", "api/login", { email, password }),
  logOut: () => call("POST", "api/logout"),
  overview: () => call("GET", shop("")),
  topic: (key) => call("GET", topic(key)),
  saveTopic: (key, values) => change("PUT", topic(key), values),
  removeTopic: (key) => change("DELETE", topic(key)),
  newTopic: (key, like) => change("POST", shop("/topics"), { key, like }),
  facts: () => call("GET", shop("/facts")),
  saveFacts: (values) => change("PUT", shop("/facts"), { values }),
  undo: () => change("POST", shop("/undo")),
  discard: () => change("POST", shop("/discard")),
  differences: () => call("GET", shop("/diff")),
  // How a trial stands names the draft that it is of, which is not the one before us.
  trial: () => asked(call("GET", shop("/trial"))),
  beginTrial: () => asked(change("POST", shop("/trial"))),
  preview: () => change("POST", shop("/preview")),
  inspect: (text, locale) => call("POST", shop("/inspect"), { text, locale }),
  publish: (note) => change("POST", shop("/publish"), { note }),
  versions: () => call("GET", shop("/versions")),
  version: (version) => call("GET", shop(`/versions/${encodeURIComponent(version)}`)),
  rollBack: (version, note) => call("POST", shop("/rollback"), { version, note }),
};

async function asked(answer) {
  const before = at.mark;
  const said = await answer;
  at.mark = before;
  return said;
}
