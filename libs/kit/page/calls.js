/** The way to the server: JSON calls with the page's own header. */

/**
 * An answer that says no; `code` is stable, `status` is HTTP, 0 when nothing answered; `wait` is after
 * how many seconds the same call may pass.
 */
export class Refused extends Error {
  constructor(status, { code = "failed", message = "", fix = "" } = {}, wait = 0) {
    super(code);
    Object.assign(this, { status, code, said: message, fix, wait });
  }
}

/**
 * Makes calls as the page `name`; resolves to what the server says, or throws Refused. A `quiet` call is
 * one that the page makes by itself: it does not count as somebody's being there.
 */
export function caller(name) {
  return async (method, path, body, quiet = false) => {
    const answer = await fetch(path, {
      method,
      headers: {
        "content-type": "application/json", [`x-prat-${name}`]: "1", ...(quiet ? { "x-prat-quiet": "1" } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    }).catch(() => {
      throw new Refused(0, { code: "no_answer" });
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, said.error, Number(answer.headers.get("retry-after")));
    return said;
  };
}

/** The calls by which people come and go. */
export const comingAndGoing = (call) => ({
  me: () => call("GET", "api/me"),
  logIn: (email, password, code) => call("POST", "api/login", { email, password, code }),
  logOut: () => call("POST", "api/logout"),
});
