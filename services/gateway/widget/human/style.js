/** How the form, waiting and the rating look, in the panel's colours. */

const CSS = `
.form { flex: 1; min-height: 0; overflow-y: auto; padding: 16px; overscroll-behavior: contain; }
.form h3 { font-size: 1.12em; margin-bottom: 8px; }
.form .why { color: var(--dim); font-size: .88em; }
.form .shut { margin-top: 10px; padding: 10px 12px; border-radius: 12px; background: var(--soft);
  font-weight: 600; font-size: .92em; }
.form label { display: block; margin: 16px 0 4px; font-weight: 600; font-size: .94em; }
.form label span { font-weight: 400; color: var(--dim); }
.form .hint { margin: -3px 0 6px; color: var(--dim); font-size: .84em; }
.form .fault { display: flex; gap: 6px; margin-top: 4px; color: var(--error); font-size: .88em;
  font-weight: 600; }
.form [aria-invalid="true"] { border: 2px solid var(--error); }
.form .choices { margin-top: 20px; }
.form textarea { min-height: 92px; }
.form select { appearance: auto; }
.form .filled { margin: 3px 0 0; color: var(--link); }

.people { margin-top: 16px; padding: 14px 16px; border: 1.5px solid var(--link); border-radius: 16px;
  background: var(--bg); font-size: .92em; overflow-wrap: anywhere; }
.people h3, .people legend { padding: 0; font-size: 1.12em; font-weight: 650; line-height: 1.35; }
.people .when { font-weight: 600; }
.people p + p, .people h3 + p { margin-top: 4px; }
.people h3 ~ p:not(.when) { color: var(--dim); }
.scroll:has(.people) ~ .status.queue { position: absolute; width: 1px; height: 1px; padding: 0; border: 0;
  overflow: hidden; clip-path: inset(50%); }
.acts { display: flex; flex-direction: column; align-items: flex-start; gap: 6px; margin-top: 8px; }
.switch { display: flex; align-items: center; gap: 10px; min-height: 44px; padding: 4px 0; border: 0;
  background: none; text-align: start; }
.track { flex: none; width: 40px; height: 24px; padding: 3px; border: 1.5px solid var(--field);
  border-radius: 12px; }
.track::before { content: ""; display: block; width: 15px; height: 15px; border-radius: 50%;
  background: var(--field); }
[aria-checked="true"] .track { border-color: var(--link); background: var(--link); }
[aria-checked="true"] .track::before { margin-inline-start: 16px; background: var(--bg); }
.sure { margin-top: 10px; padding-top: 10px; border-top: 1px solid var(--line); }
.sure p { font-weight: 600; }
.people .main[aria-disabled="true"] { opacity: .6; cursor: default; }
.scores { display: grid; grid-template-columns: repeat(5, 1fr); gap: 6px; margin-top: 10px; }
.scores label { position: relative; display: grid; place-items: center; min-height: 48px;
  border: 1.5px solid var(--field); border-radius: 12px; font-weight: 650; font-size: 1.08em; cursor: pointer; }
.scores label:hover { background: var(--soft); }
.scores label:has(:checked) { background: var(--accent); color: var(--ink); border-color: var(--link);
  box-shadow: 0 0 0 1.5px var(--link); }
.scores label:has(:focus-visible) { outline: 3px solid var(--link); outline-offset: 2px; }
.scores input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer; }
.ends { display: flex; justify-content: space-between; gap: 12px; margin-top: 4px; color: var(--dim);
  font-size: .88em; }
.ends span:last-child { text-align: end; }
.people .fault { color: var(--error); font-weight: 600; }
@media (prefers-reduced-motion: no-preference) {
  .track, .track::before { transition: background .15s, margin .15s; }
}
@media (forced-colors: active) {
  .track::before { background: ButtonText; }
  [aria-checked="true"] .track { background: Highlight; forced-color-adjust: none; }
  [aria-checked="true"] .track::before { background: HighlightText; }
  .scores label:has(:checked) { background: Highlight; color: HighlightText; forced-color-adjust: none; }
}
`;

/** Adds these looks to the panel's. */
export function dress(shadow) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
}
