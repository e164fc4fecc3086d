/** Keeps the figures fresh: by the server's news, and by asking again where no news comes. */
import { listen } from "./api.js";

const [GATHER_MS, SILENCE_MS, AGAIN_MS] = [3000, 30_000, 5000];

/**
 * Starts and stops with `go` and `halt`. `refresh` gets the figures; `tell` hears "live", "joining"
 * or "lost". News that come close together cost one refresh.
 */
export function liveliness(place, token, { refresh, tell }) {
  let stop = null;
  let due = null;

  function soon() {
    due ??= setTimeout(() => {
      due = null;
      if (!document.hidden) refresh();
    }, GATHER_MS);
  }

  async function follow(signal) {
    while (!signal.aborted) {
      const one = new AbortController();
      const end = () => one.abort();
      signal.addEventListener("abort", end);
      let quiet = setTimeout(end, SILENCE_MS);
      const heard = (isNews) => {
        clearTimeout(quiet);
        quiet = setTimeout(end, SILENCE_MS);
        tell("live");
        if (isNews) soon();
      };
      await listen(place.shop, token, heard, one.signal).catch(() => signal.aborted || tell("lost"));
      clearTimeout(quiet);
      signal.removeEventListener("abort", end);
      if (signal.aborted) return;
      soon();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  return {
    go() {
      if (stop) return;
      stop = new AbortController();
      tell("joining");
      follow(stop.signal);
    },
    halt() {
      stop?.abort();
      stop = null;
      clearTimeout(due);
      due = null;
    },
  };
}
