/** How files look, in the panel's colours. */

const CSS = `
.panel[data-over] { outline: 3px dashed var(--link); outline-offset: -6px; }
.write:has(.tray) { flex-wrap: wrap; }
.write .clip { border-color: transparent; background: none; color: var(--link); }
.clip:hover { background: var(--soft) !important; }
.tray { flex: 1 0 100%; max-height: 9.5em; overflow-y: auto; }
.tray li { display: flex; align-items: center; gap: 8px; padding-inline-start: 12px; border-radius: 12px;
  font-size: .9em; }
.tray li + li { margin-top: 4px; }
.tray li, .file { border: 1px solid var(--line); background: var(--bg); overflow-wrap: anywhere; }
.tray p { flex: 1; min-width: 0; padding-block: 4px; }
.tray span, .file small { color: var(--dim); white-space: nowrap; font-size: .9em; }
.write .tray .icon { width: 44px; height: 44px; border-color: transparent; background: none; color: inherit; }
.tray b { display: block; color: var(--error); font-weight: 600; }
.files { display: grid; gap: 6px; margin-top: 6px; max-width: 100%; }
.visitor .files { justify-items: end; }
.file { display: grid; grid-template-columns: auto 1fr; gap: 4px 10px; align-items: center; min-height: 44px;
  padding: 8px 12px; border-radius: 14px; text-align: start; font-size: .92em; }
.file:hover { background: var(--soft); }
.file svg { color: var(--link); }
.file[aria-disabled] { cursor: default; }
.file[aria-disabled] svg { visibility: hidden; }
canvas { grid-column: 1 / -1; justify-self: center; max-width: 100%; border-radius: 8px; }
progress { display: block; width: 100%; accent-color: var(--link); }
.bubble:empty { display: none; }
`;

/** Adds these looks to the panel's. */
export function dress(shadow) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
}
