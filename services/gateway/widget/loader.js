/* Prat loader: draws the chat button and nothing else. Until the visitor uses the button it calls
   nothing and stores nothing; the panel's files are fetched when the button is pointed at or used. */
(() => {
  "use strict";
  const current = document.currentScript;
  const script = current?.dataset.merchant ? current : document.querySelector("script[data-merchant]");
  if (!script?.dataset.merchant || customElements.get("prat-chat")) return;

  const WORDS = {
    nb: ["Chat med oss", "Chatten kunne ikke lastes. Prøv igjen."],
    sv: ["Chatta med oss", "Chatten kunde inte laddas. Försök igen."],
    da: ["Chat med os", "Chatten kunne ikke indlæses. Prøv igen."],
    fi: ["Keskustele kanssamme", "Chattia ei voitu ladata. Yritä uudelleen."],
    en: ["Chat with us", "The chat could not be loaded. Please try again."],
  };
  const STYLE = `
    :host { all: initial !important; position: fixed !important; display: block !important;
      bottom: 20px !important; right: 20px !important; z-index: 2147483000 !important;
      direction: ltr !important; color-scheme: light dark !important; }
    :host([data-side="left"]) { right: auto !important; left: 20px !important; }
    @media print { :host { display: none !important; } }
    .prat { --accent: #1f2937; --ink: #fff; font: 400 medium/1.45 system-ui, sans-serif; }
    .launcher { position: relative; box-sizing: border-box; display: grid; place-items: center;
      width: 56px; height: 56px; margin: 0; padding: 0; border: 2px solid var(--ink);
      border-radius: 50%; background: var(--accent); color: var(--ink); cursor: pointer;
      box-shadow: 0 2px 6px #0004, 0 6px 20px #0003; -webkit-tap-highlight-color: transparent; }
    .launcher:focus-visible { outline: 3px solid #fff; outline-offset: 1px;
      box-shadow: 0 0 0 7px #111; }
    .launcher svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; pointer-events: none; }
    .launcher[aria-busy="true"] svg { opacity: .55; }
    .sorry { position: absolute; bottom: 68px; right: 0; width: 220px; padding: 10px 12px;
      border: 1px solid #767676; border-radius: 10px; background: #fff; color: #1a1a1a; }
    :host([data-side="left"]) .sorry { right: auto; left: 0; }
    .sorry:empty { display: none; }
    @media (prefers-reduced-motion: no-preference) {
      .launcher { transition: transform .15s; } .launcher:hover { transform: scale(1.05); } }
  `;
  const CHAT = "M20 4H4a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h3v4l5-4h8a1 1 0 0 0 1-1V5a1 1 0 0 0-1-1z M8 9h8 M8 12.5h5";
  const CLOSE = "M6 6l12 12M18 6L6 18";

  const files = new URL(".", script.src);
  const { merchant, colour } = script.dataset;
  const language = languageOf(script.dataset.locale || document.documentElement.lang);
  const host = document.createElement(defined("prat-chat"));
  const shadow = host.attachShadow({ mode: "open" });
  const root = make("div", "prat");
  const launcher = make("button", "launcher");
  const sorry = make("div", "sorry");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  let opened = false;
  let tries = 0;
  let loading = null;
  let starting = null;

  function defined(name) {
    customElements.define(name, class extends HTMLElement {});
    return name;
  }

  function languageOf(tag) {
    const short = (tag || "en").toLowerCase().split(/[-_]/)[0];
    return short === "no" || short === "nn" ? "nb" : short in WORDS ? short : "en";
  }

  function make(tag, name) {
    const node = document.createElement(tag);
    node.className = name;
    return node;
  }

  /* Black or white, whichever is easier to read on the colour (WCAG relative luminance). */
  function inkOn(hex) {
    const part = (at) => {
      const share = parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) > 0.179 ? "#000" : "#fff";
  }

  function paint(hex) {
    if (!/^#[0-9a-f]{6}$/i.test(hex || "")) return;
    root.style.setProperty("--accent", hex);
    root.style.setProperty("--ink", inkOn(hex));
  }

  function show(isOpen) {
    opened = isOpen;
    launcher.setAttribute("aria-expanded", String(isOpen));
    drawing.setAttribute("d", isOpen ? CLOSE : CHAT);
  }

  /* A failed module may stay in the browser's module map, hence another address per attempt. */
  function load() {
    loading ??= import(new URL(`panel.js${tries ? `?${tries}` : ""}`, files).href);
    return loading;
  }

  function preload() {
    load().catch(() => { loading = null; tries += 1; });
  }

  function start() {
    const page = { merchant, language, launcher, root, shadow, paint, show,
      base: new URL("../..", files).href };
    starting ??= load().then((module) => module.start(page));
    return starting;
  }

  async function run(action) {
    launcher.setAttribute("aria-busy", "true");
    sorry.textContent = "";
    try {
      await action(await start());
    } catch {
      loading = starting = null;
      tries += 1;
      sorry.textContent = WORDS[language][1];
    } finally {
      launcher.removeAttribute("aria-busy");
    }
  }

  const open = () => run((panel) => panel.open());
  const close = () => { if (starting) run((panel) => panel.close()); };

  /* A conversation that this visitor began on an earlier page goes on; otherwise nothing happens. */
  function resume() {
    try {
      if (localStorage.getItem(`prat:${merchant}`)) run((panel) => panel.resume());
    } catch { /* storage is blocked: nothing to resume */ }
  }

  function draw() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(drawing);
    launcher.type = "button";
    launcher.setAttribute("aria-label", WORDS[language][0]);
    launcher.setAttribute("aria-controls", "panel");
    launcher.append(svg);
    sorry.setAttribute("role", "alert");
    root.lang = language;
    root.append(launcher, sorry);
    shadow.append(root);
    if (script.dataset.position === "left") host.dataset.side = "left";
    paint(colour);
    show(false);
    launcher.addEventListener("click", () => (opened ? close() : open()));
    launcher.addEventListener("pointerenter", preload, { once: true });
    launcher.addEventListener("focus", preload, { once: true });
    document.body.append(host);
    resume();
  }

  window.prat = Object.freeze({ open, close });
  if (document.body) draw();
  else document.addEventListener("DOMContentLoaded", draw, { once: true });
})();
