/** A second factor is set up; passwords, secrets and recovery codes are shown once. */
import { api } from "./api.js";
import { h, svg } from "./shared/dom.js";
import { ask, confirmed } from "./shared/parts.js";
import { t } from "./shared/words.js";

/** The white margin that a QR code needs, in squares (ISO/IEC 18004). */
const QUIET = 4;

/** Gives an account a new second factor and shows what belongs into the app; `trouble` hears what failed. */
export async function factorDialog(email, isOwn, trouble) {
  const lead = t(isOwn ? "factor_lead_own" : "factor_lead", email);
  if (!(await confirmed(t("factor_title"), lead, t("factor_now"), "primary"))) return;
  try {
    const { secret, address, squares, recovery_codes: codes } = await api.change(email, "second-factor");
    await secretDialog(t("factor_of", email), t("factor_once"), [grouped(secret)],
      qrCode(squares), h("p", {}, h("a", { href: address }, t("factor_link"))),
      h("h3", {}, t("recovery_codes")), h("p", { class: "quiet" }, t("recovery_hint")),
      h("ol", { class: "codes" }, codes.map((code) => h("li", {}, h("code", {}, code)))));
  } catch (error) {
    trouble(error);
  }
}

/** Shows a secret until it is said to be kept; nothing of it stays in the page. */
export async function secretDialog(title, lead, secrets, ...more) {
  const content = h("div", { class: "fields" }, h("p", {}, lead),
    secrets.map((secret) => h("p", { class: "secret" }, h("code", { tabindex: "0" }, secret))), more);
  await ask(title, content, [{ value: "", text: t("kept_it"), kind: "primary" }]);
}

/** A QR code from its rows; dark on white in either colour scheme, as cameras want it. */
function qrCode(rows) {
  const side = rows.length + 2 * QUIET;
  const dark = rows.flatMap((row, y) => [...row].map((square, x) => (square === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  return svg("svg", { class: "qr", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": t("factor_qr"), "shape-rendering": "crispEdges" },
    svg("path", { fill: "#fff", d: `M0 0h${side}v${side}h-${side}z` }), svg("path", { fill: "#000", d: dark.join("") }));
}

const grouped = (secret) => secret.match(/.{1,4}/g).join(" ");
