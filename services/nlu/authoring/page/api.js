/** The way to the server: JSON calls with our header and the mark of the draft before us. */

import { caller, comingAndGoing } from "./shared/calls.js";

/** Which shop is edited, and the draft that this page has seen last. */
export const at = { shop: null, mark: null };

const ask = caller("authoring");

async function call(method, path, body) {
  const said = await ask(method, path, body);
  at.mark = said.mark ?? said.draft?.mark ?? at.mark;
  return said;
}

const shop = (what) => `api/shops/${encodeURIComponent(at.shop)}${what}`;
const topic = (key) => shop(`/topics/${encodeURIComponent(key)}`);
let last = Promise.resolve();

/** Changes go one after another: each is made to the draft that the one before it has left. */
function change(method, path, body = {}) {
  last = last.catch(() => null).then(() => call(method, path, { ...body, mark: at.mark }));
  return last;
}

export const api = {
  ...comingAndGoing(call),
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
