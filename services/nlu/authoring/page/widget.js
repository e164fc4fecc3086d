/** The real chat on this page: loaded from the gateway by its own tag, then listened to. */

const POLICY = "prat-authoring";
let loaded = null;

/** Puts the chat of `merchant` on the page; `heard` gets each message that is written in it. */
export function openWidget(gateway, merchant, colour, heard) {
  if (loaded !== null && loaded.merchant !== merchant) return location.reload();
  if (loaded !== null) return Object.assign(loaded, { heard });
  loaded = { merchant, heard };
  const address = new URL("widget/v1/loader.js", `${gateway}/`).href;
  const script = document.createElement("script");
  Object.assign(script.dataset, { merchant, colour, locale: document.documentElement.lang });
  script.src = trusted(address);
  script.addEventListener("load", () => {
    loaded.host = document.querySelector("prat-chat");
    listen(loaded.host);
  });
  document.head.append(script);
  return loaded;
}

/** The chat is on the page only while the preview is; its own styles let nobody hide it. */
export function showWidget(isShown) {
  const host = loaded?.host;
  if (!host) return;
  if (isShown) document.body.append(host);
  else host.remove();
}

/** One address may be loaded, and no other. */
function trusted(address) {
  const policy = window.trustedTypes?.createPolicy(POLICY, {
    createScriptURL(wanted) {
      if (wanted !== address) throw new TypeError("not the chat");
      return wanted;
    },
  });
  return policy ? policy.createScriptURL(address) : address;
}

function listen(host) {
  const seen = new WeakSet();
  new MutationObserver(() => {
    for (const turn of host.shadowRoot.querySelectorAll(".turn.visitor .bubble")) {
      if (seen.has(turn)) continue;
      seen.add(turn);
      loaded.heard(turn.textContent, turn.lang);
    }
  }).observe(host.shadowRoot, { childList: true, subtree: true });
}
