/** The playground: every option of the tag, the real chat with them, and the tag to copy. */
import { h, say } from "./shared/dom.js";
import { field, languageChoice } from "./shared/parts.js";
import { LANGUAGES, language, t, teach } from "./shared/words.js";
import texts from "./texts.js";

const PAUSE = 300;
const OWN_COLOUR = "#0f5c57";

teach(texts);
const root = document.getElementById("root");
const chosen = new URLSearchParams(location.search);
const frame = h("iframe", {});
let isPhone = false;
let parts = null;
let waiting = null;

/* What an option is now: no value, no option. */
function choose(name, value) {
  if (value) chosen.set(name, value);
  else chosen.delete(name);
  clearTimeout(waiting);
  waiting = setTimeout(apply, PAUSE);
}

const read = (name) => chosen.get(name) ?? "";

function text(name, label, hint, attributes = {}) {
  const input = h("input", { type: "text", value: read(name), autocomplete: "off", spellcheck: "false", ...attributes });
  input.addEventListener("input", () => choose(name, input.value.trim()));
  const node = field(label, input, { hint });
  return { node, input, hint: node.querySelector(".hint"), usual: hint };
}

function select(name, label, options) {
  const input = h("select", {}, options.map(([value, words]) =>
    h("option", { value, selected: value === read(name) }, words)));
  input.addEventListener("change", () => choose(name, input.value));
  return field(label, input);
}

function tick(name, label) {
  const box = h("input", { type: "checkbox", checked: read(name) !== "" });
  return { box, node: h("label", { class: "choice" }, box, label) };
}

function colour() {
  const { box, node } = tick("colour", t("colour"));
  const input = h("input", { type: "color", value: read("colour") || OWN_COLOUR, "aria-label": t("colour"), disabled: !box.checked });
  box.addEventListener("change", () => {
    input.disabled = !box.checked;
    choose("colour", box.checked ? input.value : "");
  });
  input.addEventListener("input", () => choose("colour", input.value));
  return h("div", {}, h("div", { class: "colour" }, node, input), h("span", { class: "hint" }, t("shop_colour")));
}

function flag(name, label, value) {
  const { box, node } = tick(name, label);
  box.addEventListener("change", () => choose(name, box.checked ? value : ""));
  return node;
}

function options() {
  const fields = {
    merchant: text("merchant", t("merchant"), t("merchant_hint"), { maxlength: 40, required: true }),
    title: text("title", t("heading"), t("heading_hint"), { maxlength: 60 }),
    launcher: text("launcher", t("launcher"), t("launcher_hint"), { maxlength: 30 }),
    zIndex: text("zIndex", t("layer"), t("layer_hint"), { maxlength: 9, inputmode: "numeric" }),
  };
  const node = h("form", { class: "options", onsubmit: (event) => event.preventDefault() },
    fields.merchant.node,
    h("div", { class: "pair" }, select("locale", t("locale"), [["", t("as_page")], ...Object.entries(LANGUAGES)]),
      select("position", t("position"), [["", t("right")], ["left", t("left")]])),
    colour(), fields.title.node, fields.launcher.node, fields.zIndex.node,
    flag("hidden", t("hidden"), "true"), flag("pinned", t("pinned"), "1"));
  return { fields, node };
}

function draw() {
  const { fields, node } = options();
  const tag = h("code", {});
  const told = h("span", { role: "status", class: "quiet" });
  const size = (phone, words) => h("button", { type: "button", "aria-pressed": String(isPhone === phone),
    onclick: () => { isPhone = phone; draw(); } }, words);
  parts = { fields, tag, told };
  document.documentElement.lang = language();
  document.title = t("title");
  frame.title = t("preview");
  root.replaceChildren(
    h("header", { class: "bar" }, h("div", { class: "brand" }, h("h1", {}, "Prat"), h("span", {}, t("title"))),
      h("div", { class: "tools" }, languageChoice(draw))),
    h("main", { class: "desk" },
      h("div", { class: "side" }, h("p", { class: "lead" }, t("lead")), node),
      h("section", { class: isPhone ? "stage phone" : "stage", "aria-label": t("preview") },
        h("div", { class: "line" }, h("div", {}, h("h2", {}, t("preview")), h("p", { class: "quiet" }, t("preview_hint"))),
          h("div", { class: "sizes" }, size(false, t("wide")), size(true, t("phone")))),
        frame,
        h("div", { class: "tag" }, h("h2", {}, t("tag")), h("pre", { tabindex: "0" }, tag),
          h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", onclick: copy }, t("copy")), told)))));
  apply();
}

async function copy() {
  try {
    await navigator.clipboard.writeText(parts.tag.textContent);
    say(parts.told, t("copied"));
  } catch {
    getSelection().selectAllChildren(parts.tag);
    say(parts.told, t("copy_failed"));
  }
}

async function asked(path) {
  const answer = await fetch(path, { cache: "no-store" });
  return answer.ok ? answer.json() : null;
}

/* Shows what is chosen now: in the address, the tag, the fields' notes and the chat. */
async function apply() {
  const now = parts;
  history.replaceState(null, "", `?${chosen}`);
  const preview = `preview?${new URLSearchParams({ ...Object.fromEntries(chosen), page: language() })}`;
  const [made, shop] = await Promise.all([
    asked(`tag?${new URLSearchParams({ ...Object.fromEntries(chosen), gateway: location.origin })}`),
    read("merchant") ? asked(new URL(`../v1/merchants/${encodeURIComponent(read("merchant"))}`, location.href)) : null,
  ]).catch(() => [null, null]);
  if (now !== parts) return;
  say(now.tag, made?.tag ?? "");
  say(now.told, made ? "" : t("no_answer"));
  note(now, made?.faults ?? [], shop);
  if (shop && frame.getAttribute("src") !== preview) frame.setAttribute("src", preview);
}

function note({ fields }, faults, shop) {
  for (const [name, { input, hint, usual }] of Object.entries(fields)) {
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const isBad = faults.includes(attribute) || (name === "merchant" && read(name) && !shop);
    const isKnown = name === "merchant" && shop;
    input.setAttribute("aria-invalid", String(Boolean(isBad)));
    hint.className = `hint ${isBad ? "bad" : isKnown ? "known" : ""}`;
    say(hint, isBad ? t(name === "merchant" ? "unknown" : "bad") : isKnown ? t("known", shop.name) : usual);
  }
}

draw();
