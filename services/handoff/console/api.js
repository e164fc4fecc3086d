/** The way to the server: JSON calls with our header, and the stream of notices. */

import { caller, comingAndGoing } from "./shared/calls.js";

const call = caller("console");
const caseAddress = (id, what = "") => `api/cases/${encodeURIComponent(id)}${what}`;
/** Where a file of a case is fetched. */
export const fileAddress = (id, fileId) => caseAddress(id, `/attachments/${encodeURIComponent(fileId)}`);

const accountAddress = (email, what) => `api/accounts/${encodeURIComponent(email)}/${what}`;
const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value));

/** Calls; `quiet` ones are made by the page and not by the person. */
export const api = {
  ...comingAndGoing(call),
  presence: (wish, quiet) => call("POST", "api/presence", wish, quiet),
  colleagues: (merchant) => call("GET", `api/colleagues?${query({ merchant })}`),
  queue: (quiet) => call("GET", "api/queue", undefined, quiet),
  search: (q) => call("GET", `api/search?${query({ q })}`),
  show: (id, after, quiet) => call("GET", caseAddress(id, `?after=${after}`), undefined, quiet),
  claim: (id) => call("POST", caseAddress(id, "/claim"), {}),
  reply: (id, clientId, text) => call("POST", caseAddress(id, "/reply"), { client_id: clientId, text }),
  typing: (id) => call("POST", caseAddress(id, "/typing"), {}),
  note: (id, clientId, text) => call("POST", caseAddress(id, "/notes"), { client_id: clientId, text }),
  close: (id, ending) => call("POST", caseAddress(id, "/close"), ending),
  giveBack: (id, why) => call("POST", caseAddress(id, "/return"), why),
  transfer: (id, target) => call("POST", caseAddress(id, "/transfer"), target),
  erase: (id) => call("DELETE", caseAddress(id)),
  accounts: () => call("GET", "api/accounts"),
  addAccount: (account) => call("POST", "api/accounts", account),
  grant: (email, grant) => call("POST", accountAddress(email, "grant"), grant),
  change: (email, what) => call("POST", accountAddress(email, what)),
  privacy: (merchant) => call("GET", `api/privacy?${query({ merchant })}`),
  requests: (quiet) => call("GET", "api/requests", undefined, quiet),
  newRequest: (request) => call("POST", "api/requests", request),
  onRequest: (id, what, body = {}) => call("POST", `api/requests/${id}/${what}`, body),
  requestFacts: (id) => call("GET", `api/requests/${id}/facts`),
  audit: (wanted) => call("GET", `api/audit?${query(wanted)}`),
  checkAudit: (merchant) => call("GET", `api/audit/check?${query({ merchant })}`),
};

/** Listens for notices until `close`; the browser connects again by itself. */
export function listen(onNotice, onState) {
  const stream = new EventSource("api/stream");
  stream.onopen = () => onState(true);
  stream.onerror = () => onState(false);
  stream.onmessage = (message) => onNotice(JSON.parse(message.data));
  return stream;
}
