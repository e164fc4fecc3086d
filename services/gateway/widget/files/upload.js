/** Gives one file to the gateway. A plain request would not tell how far it has come. */

import { file as named } from "../socket.js";

const PATIENCE = 300000;
const TOO_FAST = 429;

/** Resolves to the file as the gateway names it; `far` is told the share that is there. Rejects like a call of
 *  the api: with `code`, and `isFinal` if trying again is useless.
 */
export function upload(url, token, file, far, signal, page = globalThis) {
  return new Promise((resolve, reject) => {
    const call = new page.XMLHttpRequest();
    const fail = () => {
      const { status, response } = call;
      const isFinal = status >= 400 && status < 500 && status !== TOO_FAST;
      reject(Object.assign(new Error(`${status}`), { code: response?.error?.code, isFinal }));
    };
    call.open("PUT", url);
    call.setRequestHeader("authorization", `Bearer ${token}`);
    call.responseType = "json";
    call.timeout = PATIENCE;
    call.upload.onprogress = ({ loaded, total }) => far(loaded / total);
    call.onload = () => {
      const given = call.status === 201 && named(call.response);
      if (given) resolve(given);
      else fail();
    };
    call.onerror = call.onabort = call.ontimeout = fail;
    signal.addEventListener("abort", () => call.abort());
    call.send(file);
  });
}
