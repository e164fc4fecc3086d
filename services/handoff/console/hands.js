/** Whether somebody uses this page, or the console in another tab of this browser. */

const INPUT = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
const TELL_TABS_MS = 20_000;

/** Calls `used()` whenever keys or pointer are used, here or in another tab, until `stop`. */
export function watchHands(used) {
  const tabs = new BroadcastChannel("prat-desk");
  let last = Date.now();
  let told = 0;

  function touched() {
    last = Date.now();
    used();
    if (last - told < TELL_TABS_MS) return;
    told = last;
    tabs.postMessage("used");
  }

  tabs.onmessage = () => used();
  for (const name of INPUT) document.addEventListener(name, touched, { passive: true });
  return {
    /** Whether that was here, within the last `ms`. */
    within: (ms) => Date.now() - last < ms,
    stop() {
      tabs.close();
      for (const name of INPUT) document.removeEventListener(name, touched);
    },
  };
}
