/** How the panel looks. An adopted style sheet: allowed under a policy without inline styles. */

import { inkOn, readable } from "./rules.js";

const CSS = `
.prat { --bg: #fff; --soft: #f1f3f5; --text: #1b1f24; --dim: #57606a; --line: #d0d7de;
  --field: #767f89; --error: #b3261e; --link: var(--link-light); }
@media (prefers-color-scheme: dark) {
  .prat { --bg: #171a1f; --soft: #252a31; --text: #eceff3; --dim: #a9b3bf; --line: #3a424d;
    --field: #8a95a3; --error: #ffb4ab; --link: var(--link-dark); } }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
.unread { position: absolute; top: -6px; right: -6px; min-width: 24px; height: 24px; padding: 0 6px;
  border: 2px solid #fff; border-radius: 12px; background: #c01818; color: #fff;
  font-size: 13px; line-height: 20px; font-weight: 700; }
.panel { position: fixed; right: 20px; bottom: 88px; display: flex; flex-direction: column;
  width: calc(380px * var(--zoom, 1)); max-width: calc(100vw - 40px); height: calc(640px * var(--zoom, 1));
  max-height: calc(100dvh - 104px); overflow: hidden;
  border: 1px solid var(--line); border-radius: 18px; background: var(--bg); color: var(--text);
  box-shadow: 0 4px 12px #0002, 0 16px 48px #0003; text-align: start; }
:host([data-side="left"]) .panel { right: auto; left: 20px; }
.panel, dialog { font-size: calc(1em * var(--zoom, 1)); }
p, ol, ul, dl, dd, h2, h3, fieldset, figure { margin: 0; padding: 0; border: 0; }
ol, ul { list-style: none; }
h2, h3 { font-size: 1em; font-weight: 650; }
button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; margin: 0; }
button { cursor: pointer; -webkit-tap-highlight-color: transparent; }
svg { width: 22px; height: 22px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round; pointer-events: none; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
a { color: var(--link); text-underline-offset: 2px; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.head { display: flex; align-items: center; gap: 4px; padding: 10px 8px 10px 18px;
  background: var(--accent); color: var(--ink); }
.head div:first-child { flex: 1; min-width: 0; }
.head h2 { font-size: 1.06em; line-height: 1.3; overflow-wrap: anywhere; }
.head p { font-size: .82em; line-height: 1.3; overflow-wrap: anywhere; }
.head .icon:focus-visible { outline-color: var(--ink); outline-offset: -4px; }
.icon { display: grid; place-items: center; flex: none; width: 44px; height: 44px; padding: 0;
  border: 1px solid transparent; border-radius: 50%; background: none; }
.head .icon:hover, .head .icon[aria-expanded="true"] {
  background: color-mix(in srgb, var(--ink) 16%, transparent); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 8px 12px;
  border-bottom: 1px solid var(--line); }
.bar select { flex: 0 1 7em; width: 5.4em; min-height: 44px; padding: 0 4px;
  margin-inline-start: auto; border: 1px solid transparent; border-radius: 10px;
  background: var(--bg); color: var(--dim); font-size: .88em; text-overflow: ellipsis; cursor: pointer; }
.bar .pill { gap: 6px; padding-inline: 12px; font-size: .88em; }
.bar select:hover { border-color: var(--field); }
.pill, .main { display: inline-flex; align-items: center; justify-content: center; gap: 8px;
  min-height: 44px; padding: 6px 16px; border: 1.5px solid var(--link); border-radius: 22px;
  background: var(--bg); color: var(--link); font-weight: 600; font-size: .92em; line-height: 1.25;
  text-align: start; text-decoration: none; overflow-wrap: anywhere; }
.pill:hover { background: var(--soft); }
.main { background: var(--accent); color: var(--ink); border-color: var(--link); text-align: center; }
.main:hover { filter: brightness(.94); }
.pill svg { width: 20px; height: 20px; }

.scroll { position: relative; flex: 1; min-height: 0; overflow-y: auto; padding: 14px;
  overscroll-behavior: contain; scrollbar-gutter: stable; }
.scroll:focus-visible { outline-offset: -3px; }
.about { display: flex; gap: 10px; padding: 12px; margin-bottom: 14px; border-radius: 12px;
  background: var(--soft); font-size: .86em; line-height: 1.45; }
.about svg { width: 20px; height: 20px; color: var(--link); }
.about p + p { margin-top: 6px; color: var(--dim); }
.about a { display: inline-block; padding: 10px 0; margin-block: -2px -10px; min-height: 44px; }
.turns { display: flex; flex-direction: column; gap: 12px; }
.turn { display: flex; flex-direction: column; align-items: flex-start; max-width: 88%; }
.turn.visitor { align-self: flex-end; align-items: flex-end; }
.who { display: flex; gap: 8px; align-items: baseline; margin: 0 4px 3px; color: var(--dim);
  font-size: .78em; }
.who b { font-weight: 650; color: var(--text); unicode-bidi: isolate; overflow-wrap: anywhere; }
.visitor .who { justify-content: flex-end; }
.bubble, .card { max-width: 100%; }
.bubble { padding: 9px 14px; border: 1px solid transparent; border-radius: 4px 16px 16px 16px;
  background: var(--soft); overflow: hidden; overflow-wrap: anywhere; white-space: pre-wrap;
  unicode-bidi: isolate; font-size: .95em; }
.visitor .bubble { border-radius: 16px 4px 16px 16px; background: var(--accent); color: var(--ink); }
.agent .bubble { background: var(--bg); border: 1.5px solid var(--link); }
.visitor .bubble dt { font-size: .84em; margin-top: 6px; }
.visitor .bubble dd { font-weight: 600; }
.state { margin: 3px 4px 0; font-size: .78em; color: var(--dim); text-align: end; }
.past :is(.sent, .delivered) { display: none; }
.state.failed { color: var(--error); }
.state button { min-height: 32px; padding: 0 8px; border: 0; background: none; color: var(--link);
  font-weight: 600; text-decoration: underline; }
.note { align-self: center; max-width: 92%; padding: 4px 12px; color: var(--dim); font-size: .84em;
  text-align: center; border-block: 1px solid var(--line); }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.card { margin-top: 8px; padding: 12px 14px; border: 1px solid var(--line); border-radius: 14px;
  background: var(--bg); font-size: .92em; overflow-wrap: anywhere; }
.card h3 { display: flex; gap: 8px; align-items: flex-start; }
.card svg { width: 20px; height: 20px; color: var(--link); }
.card li { color: var(--dim); margin-top: 2px; }
.card span, .card li, .choices button, dd { unicode-bidi: isolate; overflow: hidden; }
.card a { display: inline-flex; align-items: center; min-height: 44px; margin-bottom: -8px; font-weight: 600; }
.newest { position: sticky; bottom: 0; display: flex; margin: 8px auto 0; width: fit-content;
  box-shadow: 0 2px 10px #0003; }

.status { min-height: 0; padding: 0 16px; color: var(--dim); font-size: .86em; }
.status:not(:empty) { padding: 8px 16px; border-top: 1px solid var(--line); }
.status.queue:not(:empty) { color: var(--text); font-weight: 600; background: var(--soft); }
.write { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px 12px;
  border-top: 1px solid var(--line); }
.write div { position: relative; flex: 1; min-width: 0; }
textarea, .field { display: block; width: 100%; min-height: 46px; padding: 10px 14px;
  border: 1px solid var(--field); border-radius: 14px; background: var(--bg); color: var(--text); }
textarea { max-height: 132px; resize: none; line-height: 1.45; overflow-y: auto; }
::placeholder { color: var(--dim); opacity: 1; }
textarea:focus-visible, .field:focus-visible { outline-offset: 0; }
.write .icon { width: 46px; height: 46px; border-color: var(--link); background: var(--accent);
  color: var(--ink); }
.left { font-size: .78em; color: var(--dim); text-align: end; padding: 3px 6px 0; }

.menu { position: absolute; top: 62px; right: 10px; z-index: 2;
  width: min(calc(320px * var(--zoom, 1)), calc(100% - 20px));
  max-height: calc(100% - 74px); overflow-y: auto; padding: 6px; border: 1px solid var(--line);
  border-radius: 14px; background: var(--bg); box-shadow: 0 8px 30px #0004; }
.menu button { display: flex; align-items: center; gap: 8px; width: 100%; min-height: 44px;
  padding: 6px 12px; border: 0; border-radius: 9px; background: none; text-align: start; }
.menu button:hover, .menu button:focus-visible { background: var(--soft); outline-offset: -3px; }
.menu [aria-disabled="true"] { color: var(--dim); cursor: default; }
.menu .erase { color: var(--error); }
.menu .erase[aria-disabled="true"] { color: var(--dim); }
.menu [role="separator"] { height: 1px; margin: 6px 4px; background: var(--line); }
.menu .aside { padding: 4px 12px 2px; color: var(--dim); font-size: .82em; }
.menu span.aside { display: block; padding: 0; }
.menu svg { width: 20px; height: 20px; }
.menu [aria-checked] svg { border: 1.5px solid var(--field); border-radius: 5px; color: var(--bg); }
.menu [role="menuitemradio"] svg { border-radius: 50%; }
.menu [aria-checked="false"] path { visibility: hidden; }
.menu [aria-checked="true"] svg { border-color: var(--link); background: var(--link); stroke-width: 3; }
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(8.2em, 100%), 1fr)); }

dialog { width: min(380px, calc(100vw - 32px)); padding: 20px; border: 1px solid var(--line);
  border-radius: 18px; background: var(--bg); color: var(--text); 
  box-shadow: 0 16px 48px #0006; overflow-wrap: anywhere; }
dialog::backdrop { background: #000a; }
dialog h2 { font-size: 1.12em; margin-bottom: 8px; }
dialog .choices { margin-top: 18px; }
dialog .main { background: #b3261e; color: #fff; border-color: #b3261e; }
dialog .main.calm { background: var(--accent); color: var(--ink); border-color: var(--link); }
dialog ul { margin: 12px 0; font-size: .94em; }
dialog li { display: flex; align-items: center; gap: 8px; min-height: 30px; color: var(--dim); }
dialog li.done { color: var(--text); }
dialog li::before { content: ""; flex: none; width: 16px; height: 16px; margin: 3px; border-radius: 50%;
  border: 2px solid var(--field); }
dialog li.done::before { display: none; }
dialog li svg { color: var(--link); }
dialog .told { font-weight: 600; }

@media (max-height: 420px) {
  .panel { bottom: 8px; max-height: calc(100dvh - 16px); overflow-y: auto; }
  .newest { position: static; }
  .panel > * { flex-shrink: 0; } .panel > .scroll { min-height: 110px; }
  .head, .bar { padding-block: 2px; }
}
@media (max-width: 480px) {
  .panel, :host([data-side="left"]) .panel { inset: 0 0 auto 0; width: 100%;
    max-width: none; height: var(--seen, 100dvh); max-height: none; border: 0; border-radius: 0; }
  .prat.open .launcher { visibility: hidden; }
  textarea, .field { font-size: max(16px, 1em); }
}
@media (max-width: 350px) { .bar .pill { padding-inline: 10px; } .bar svg { display: none; } }
@media (prefers-reduced-motion: no-preference) {
  .panel.fresh { animation: rise .18s ease-out; }
  @keyframes rise { from { opacity: 0; transform: translateY(10px); } }
  .scroll.smooth { scroll-behavior: smooth; }
}
@media (forced-colors: active) {
  .bubble, .about, .write .icon, .icon, .status:not(:empty) { border: 1px solid CanvasText; }
  .menu [role="separator"] { background: CanvasText; }
  .menu [aria-checked] svg { border-color: CanvasText; }
  .menu [aria-checked="true"] svg { background: Canvas; color: CanvasText; forced-color-adjust: none; }
  .menu button:focus-visible { outline: 3px solid Highlight; }
}
`;

/** Gives the shadow root the panel's looks, in the merchant's colour made readable. */
export function dress({ shadow, root }, colour) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  const colours = { accent: colour, ink: inkOn(colour),
    "link-light": readable(colour, "#f1f3f5"), "link-dark": readable(colour, "#252a31") };
  for (const [name, value] of Object.entries(colours)) root.style.setProperty(`--${name}`, value);
}
