/* Prat loader: draws the chat button and takes the page's calls (prat.d.ts). Until the visitor uses the
   button it calls nothing and stores nothing; the panel's files are fetched when it is pointed at or used. */
(() => {
  "use strict";
  /* Through a tag manager there may be no current script: then the tag is known by its address. */
  const OWN = /^(.*\/widget\/v1\/)(\w+\/)?loader\.js/;
  const script = [document.currentScript, ...document.scripts].find((one) => OWN.test(one?.src));
  if (!script || customElements.get("prat-chat")) return;

  const RULES = {
    merchant: /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/,
    locale: /^(nb|nn|no|sv|da|fi|en)\b/i,
    colour: /^#[0-9a-f]{6}$/i,
    position: /^(left|right)$/,
    title: /^.{1,60}$/u,
    launcher: /^.{1,30}$/u,
    zIndex: /^\d{1,9}$/,
    hidden: /^(true|false)?$/,
  };
  const WORDS = {
    nb: ["Chat med oss", "Chatten kunne ikke lastes. Prøv igjen."],
    sv: ["Chatta med oss", "Chatten kunde inte laddas. Försök igen."],
    da: ["Chat med os", "Chatten kunne ikke indlæses. Prøv igen."],
    fi: ["Keskustele kanssamme", "Chattia ei voitu ladata. Yritä uudelleen."],
    en: ["Chat with us", "The chat could not be loaded. Please try again."],
  };
  const CHAT = "M3 4h18v13h-9l-5 4v-4H3zM8 9h8M8 12.5h5";
  const CLOSE = "M6 6l12 12M18 6L6 18";

  const files = OWN.exec(script.src)[1];
  const options = checked({ ...Object.fromEntries(new URL(script.src).searchParams), ...script.dataset });
  const { merchant, title, colour, position = "right", zIndex = 2147483000, launcher: label } = options;
  if (!merchant) return warn("merchant");

  const STYLE = `
    :host { all: initial !important; position: fixed !important; z-index: ${zIndex} !important;
      direction: ltr !important; }
    @media print { .prat { display: none; } }
    .prat { --accent: #1f2937; position: fixed;
      --ink: lch(from var(--accent) calc((49.44 - l) * infinity) 0 0); bottom: 20px; right: 20px;
      font: 400 medium/1.45 system-ui, sans-serif; color-scheme: light dark; }
    .left { left: 20px; }
    .left, .left .sorry { right: auto; }
    .launcher { display: flex; align-items: center; justify-content: center; gap: 8px;
      box-sizing: border-box; height: 56px; padding: 0 12px; position: relative;
      border: 2px solid var(--ink); border-radius: 28px; background: var(--accent);
      color: var(--ink); font: inherit; cursor: pointer; box-shadow: 0 2px 12px #0005; }
    .launcher:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #111; }
    .launcher svg { width: 28px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; }
    [aria-busy] { opacity: .6; }
    .text { margin-right: 8px; }
    [aria-expanded="true"] .text { display: none; }
    .sorry { position: absolute; bottom: 68px; right: 0; width: 220px; padding: 12px;
      border: 1px solid; border-radius: 12px; background: #fff; color: #111; }
  `;

  const listeners = { ready: [], open: [], close: [], message: [], unread: [], handoff: [], ended: [] };
  const language = languageOf(options.locale || document.documentElement.lang);
  customElements.define("prat-chat", class extends HTMLElement {});
  const host = document.createElement("prat-chat");
  const shadow = host.attachShadow({ mode: "open" });
  const root = make("div", `prat ${position}`);
  const launcher = make("button", "launcher");
  const sorry = make("div", "sorry", WORDS[language][1]);
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const page = { merchant, language, launcher, root, shadow, show, tell, title, label, colour,
    base: new URL("../..", files).href };
  let opened = false;
  let tries = 0;
  let loading = null;
  let starting = null;
  let panel = null;

  /* Only a page with a fault fetches the words for it. */
  function warn(kind, ...given) {
    import(`${files}shop/faults.js`).then((faults) => faults.warn(kind, ...given));
  }

  function checked(given) {
    for (const [name, rule] of Object.entries(RULES)) {
      if (!(name in given) || rule.test(given[name])) continue;
      warn("option", name, given[name]);
      delete given[name];
    }
    return given;
  }

  /* Each listener on its own: an error in the shop's code is the shop's. */
  function tell(event, detail = {}) {
    for (const act of listeners[event]) queueMicrotask(() => act(detail));
  }

  function languageOf(tag) {
    const [short] = tag.toLowerCase().split(/[-_]/);
    return /^n[on]$/.test(short) ? "nb" : short in WORDS ? short : "en";
  }

  function make(tag, className, textContent = "") {
    return Object.assign(document.createElement(tag), { className, textContent });
  }

  function show(isOpen) {
    if (opened !== isOpen) tell(isOpen ? "open" : "close");
    opened = isOpen;
    launcher.setAttribute("aria-expanded", isOpen);
    drawing.setAttribute("d", isOpen ? CLOSE : CHAT);
  }

  /* A failed module may stay in the browser's module map, hence another address per attempt. */
  function load() {
    loading ??= import(`${files}panel.js${tries ? `?${tries}` : ""}`);
    return loading;
  }

  function preload() {
    load().catch(() => { loading = null; tries += 1; });
  }

  async function run(action) {
    launcher.setAttribute("aria-busy", true);
    sorry.remove();
    try {
      starting ??= load().then((module) => module.start(page));
      panel = await starting;
      action();
    } catch {
      loading = starting = null;
      tries += 1;
      root.append(sorry);
    } finally {
      launcher.removeAttribute("aria-busy");
    }
  }

  /* What the page says of its visitor; the panel uses it once there is a conversation. */
  function told(news) {
    Object.assign(page, news);
    panel?.told();
  }

  /* The conversation that this visitor began on an earlier page, or nothing where storage is blocked. */
  function kept(act) {
    try {
      return localStorage[act](`prat:${merchant}`);
    } catch { /* nothing is kept */ }
  }

  const api = {
    open() {
      root.hidden = false;
      run(() => panel.open());
    },
    close: () => panel?.close(),
    show() { root.hidden = false; },
    hide() {
      api.close();
      root.hidden = true;
    },
    identify: (token) => told({ token }),
    setContext: (context) => told({ context }),
    logout() {
      kept("removeItem");
      told({ token: null, context: null });
      panel?.logout();
    },
    on(event, act) {
      if (!listeners[event]) return warn("event", event, listeners);
      listeners[event].push(act);
      if (host.isConnected && event === "ready") act({});
      return () => { listeners[event] = listeners[event].filter((one) => one !== act); };
    },
    push(...calls) {
      for (const [name, ...given] of calls) {
        if (name in api) api[name](...given);
        else warn("call", name, api);
      }
    },
  };

  function draw() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", true);
    svg.append(drawing);
    launcher.setAttribute("aria-label", label ?? WORDS[language][0]);
    launcher.setAttribute("aria-controls", "panel");
    launcher.append(svg);
    if (label) launcher.append(make("b", "text", label));
    sorry.role = "alert";
    root.lang = language;
    root.append(launcher);
    shadow.append(root);
    host.dataset.side = position;
    root.hidden = "hidden" in options && options.hidden !== "false";
    if (colour) root.style.setProperty("--accent", colour);
    show(false);
    launcher.onclick = () => (opened ? api.close() : api.open());
    launcher.onpointerenter = launcher.onfocus = preload;
    document.body.append(host);
    if (kept("getItem")) run(() => panel.resume());
    tell("ready");
    api.push(...waiting);
  }

  const waiting = Array.from(window.Prat ?? []);
  window.Prat = Object.freeze(api);
  if (document.body) draw();
  else document.addEventListener("DOMContentLoaded", draw);
})();
