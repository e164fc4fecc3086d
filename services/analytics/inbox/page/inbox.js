/** The inbox: what many have asked and the bot did not know, to be taught or put away. */
import { api, take, who } from "./api.js";
import { clusterCard } from "./cluster.js";
import { h, say } from "./shared/dom.js";
import { field, languageChoice } from "./shared/parts.js";
import { language, LANGUAGES, languageName, t, teach } from "./shared/words.js";
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";

const PERIODS = ["7", "30", "90"];
const TOAST_MS = 12000;
const PROBLEMS = { 0: "no_answer", 401: "key_wrong", 403: "key_may_not", 429: "too_many_tries" };

teach({ nb, sv, da, fi, en });
const root = document.getElementById("root");
const choice = chosen(new URLSearchParams(location.search));
let answer = null;
let problem = null;
const toast = h("div", { class: "toast", role: "status", hidden: true });
draw();
if (who.token) look();

/** What the address asks for, as far as it can be shown. */
function chosen(asked) {
  const [days, tongue] = [asked.get("days"), asked.get("language")];
  return { days: PERIODS.includes(days) ? days : "90", language: tongue in LANGUAGES ? tongue : "" };
}

async function look() {
  problem = null;
  try {
    answer = await api.look(choice);
  } catch (error) {
    problem = [PROBLEMS[error.status] ?? "failed", Math.ceil(error.wait / 60)];
    if (error.status === 401) forget(who.merchant);
  }
  draw();
}

function draw() {
  document.documentElement.lang = language();
  document.title = [t("title"), answer?.merchant.name].filter(Boolean).join(" · ");
  root.replaceChildren(bar(), h("main", { tabindex: "-1" }, toast, who.token ? inside() : door()));
}

function bar() {
  return h("header", { class: "bar" },
    h("div", { class: "brand" }, h("h1", {}, t("title")), h("span", {}, answer?.merchant.name ?? "")),
    h("div", { class: "tools" }, h("a", { href: "/" }, t("statistics")), languageChoice(draw),
      who.token ? h("button", { type: "button", onclick: leave }, t("leave")) : null));
}

function leave() {
  forget("");
  draw();
  root.querySelector("input").focus();
}

function forget(merchant) {
  take(merchant, "");
  answer = null;
}

function door() {
  const merchant = h("input", { name: "merchant", value: who.merchant, autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true });
  const token = h("input", { name: "token", type: "password", autocomplete: "off", required: true });
  const enter = async (event) => {
    event.preventDefault();
    take(merchant.value.trim(), token.value.trim());
    await look();
    root.querySelector(who.token ? "main" : "[name=token]").focus();
  };
  return h("form", { class: "log-in", onsubmit: enter }, h("p", {}, t("door_lead")), problemLine(),
    field(t("shop_id"), merchant), field(t("key"), token), h("button", { class: "primary", type: "submit" }, t("open")));
}

function problemLine() {
  return h("p", { class: "problem", role: "alert" }, problem ? t(...problem) : "");
}

function inside() {
  const again = problem ? h("p", {}, h("button", { type: "button", onclick: lookAgain }, t("try_again"))) : "";
  if (!answer) return [problemLine(), again || h("p", { class: "quiet" }, t("loading"))];
  const { clusters, empty, k } = answer;
  return [
    h("p", { class: "lead" }, t("lead", k)), choices(), problemLine(), again,
    clusters.length ? h("ul", { class: "clusters" }, clusters.map((one) => h("li", {}, clusterCard(one, answer, acts)))) : emptyNote(empty, k),
  ];
}

function choices() {
  const days = h("select", { id: "days", onchange: () => choose({ days: days.value }) },
    PERIODS.map((n) => h("option", { value: n, selected: n === choice.days }, t("days", Number(n)))));
  const tongue = h("select", { id: "tongue", onchange: () => choose({ language: tongue.value }) },
    h("option", { value: "" }, t("all_languages")),
    answer.languages.map((code) => h("option", { value: code, selected: code === choice.language }, languageName(code))));
  return h("div", { class: "choices" }, field(t("period"), days), field(t("their_language"), tongue));
}

async function choose(values) {
  const at = document.activeElement.id;
  Object.assign(choice, values);
  history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(choice)}`);
  await look();
  document.getElementById(at)?.focus();
}

async function lookAgain() {
  await look();
  root.querySelector("main").focus();
}

function emptyNote(why, k) {
  return h("div", { class: "empty" }, h("h2", {}, t("empty")), h("p", {}, t(`empty_${why}`, k)));
}

const acts = {
  dismiss: (cluster) => putAway(cluster, "dismissed"),
  taught: (cluster, topic) => putAway(cluster, "taught", topic),
};

async function putAway(cluster, how, topic) {
  const told = await api.putAway(cluster.id, choice, how, topic).then(({ undo }) => [t(how), undo],
    ({ code }) => [t(code === "cluster_changed" ? code : "failed")]);
  await lookAgain();
  tell(...told);
}

function tell(text, undo = null) {
  const back = async () => {
    toast.hidden = true;
    const isDone = await api.undo(undo).then(() => true, () => false);
    await lookAgain();
    if (!isDone) tell(t("failed"));
  };
  toast.replaceChildren(h("span", {}, ""), undo ? h("button", { type: "button", onclick: back }, t("undo")) : "");
  toast.hidden = false;
  say(toast.firstChild, text);
  clearTimeout(tell.timer);
  tell.timer = setTimeout(hideToast, TOAST_MS);
}

/** Not while somebody is at it. */
function hideToast() {
  if (toast.matches(":hover, :focus-within")) tell.timer = setTimeout(hideToast, TOAST_MS);
  else toast.hidden = true;
}
