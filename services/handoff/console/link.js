/** Keeps the page in touch: notices as they come, a look every 5 s, and the state of the connection. */
import { listen } from "./api.js";

const LOOK_MS = 5000;

/** Calls `look` and `noticed` until `stop`; `changed` hears that the stream came or went. */
export function link({ look, noticed, changed }) {
  let stream = null;

  function connect() {
    stream = listen(noticed, changed);
  }

  // The open stream is also what keeps an agent there for others, so a hidden page has one, too.
  function beat() {
    if (!stream || stream.readyState === EventSource.CLOSED) connect();
    if (!document.hidden) look();
  }

  const timer = setInterval(beat, LOOK_MS);
  document.addEventListener("visibilitychange", beat);
  window.addEventListener("online", beat);
  connect();
  return {
    get isLive() {
      return stream.readyState === EventSource.OPEN;
    },
    stop() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", beat);
      window.removeEventListener("online", beat);
      stream.close();
    },
  };
}
