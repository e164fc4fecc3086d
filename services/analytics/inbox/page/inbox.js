/** The inbox: what many have asked and the bot did not know, to be taught or put away. */
import { api, take, who } from "./api.js";
import { clusterCard } from "./cluster.js";
import { h, say } from "./shared/dom.js";
import { field, languageChoice } from "./shared/parts.js";
import { language, languageName, t, teach } from "./shared/words.js";
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";

const PERIODS = ["7", "30", "90"];
const TOAST_MS = 12000;

teach({ nb, sv, da, fi, en });
const root = document.getElementById("root");
const choice = { days: "90", language: "", ...Object.fromEntries(new URLSearchParams(location.search)) };
let answer = null;
let problem = "";
const toast = h("div", { class: "toast", role: "status", hidden: true });
document.body.append(toast);
draw();
if (who.token) look();

async function look() {
  problem = "";
  try {
    answer = await api.look(choice);
  } catch (error) {
    answer = error.status === 401 ? null : answer;
    problem = { 401: "key_wrong", 403: "key_may_not", 0: "no_answer" }[error.status] ?? "failed";
    if (error.status === 401) take(who.merchant, "");
  }
  draw();
}

function draw() {
  document.documentElement.lang = language();
  document.title = [t("title"), answer?.merchant.name].filter(Boolean).join(" · ");
  root.replaceChildren(bar(), h("main", { tabindex: "-1" }, who.token ? inside() : door()));
}

function bar() {
  return h("header", { class: "bar" },
    h("div", { class: "brand" }, h("h1", {}, t("title")), h("span", {}, answer?.merchant.name ?? "")),
    h("div", { class: "tools" }, h("a", { href: "/" }, t("statistics")), languageChoice(draw),
      who.token ? h("button", { type: "button", onclick: leave }, t("leave")) : null));
}

function leave() {
  take("", "");
  answer = null;
  draw();
}

function door() {
  const merchant = h("input", { name: "merchant", value: who.merchant, autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true });
  const token = h("input", { name: "token", type: "password", autocomplete: "off", required: true });
  const enter = (event) => {
    event.preventDefault();
    take(merchant.value.trim(), token.value.trim());
    look();
  };
  return h("form", { class: "log-in", onsubmit: enter }, h("p", {}, t("door_lead")), problemLine(),
    field(t("shop_id"), merchant), field(t("key"), token), h("button", { class: "primary", type: "submit" }, t("open")));
}

function problemLine() {
  return h("p", { class: "problem", role: "alert" }, problem ? t(problem) : "");
}

function inside() {
  if (!answer) return [problemLine(), problem ? null : h("p", { class: "quiet" }, t("loading"))];
  const { clusters, empty, k } = answer;
  return [
    h("p", { class: "lead" }, t("lead", k)), choices(), problemLine(),
    clusters.length ? h("ul", { class: "clusters" }, clusters.map((one) => h("li", {}, clusterCard(one, answer, acts)))) : emptyNote(empty, k),
  ];
}

function choices() {
  const days = h("select", { onchange: () => choose({ days: days.value }) },
    PERIODS.map((n) => h("option", { value: n, selected: n === choice.days }, t("days", Number(n)))));
  const tongue = h("select", { onchange: () => choose({ language: tongue.value }) },
    h("option", { value: "" }, t("all_languages")),
    answer.languages.map((code) => h("option", { value: code, selected: code === choice.language }, languageName(code))));
  return h("div", { class: "choices" }, field(t("period"), days), field(t("their_language"), tongue));
}

function choose(values) {
  Object.assign(choice, values);
  history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(choice)}`);
  look();
}

function emptyNote(why, k) {
  return h("div", { class: "empty" }, h("h2", {}, t("empty")), h("p", {}, t(`empty_${why}`, k)));
}

const acts = {
  dismiss: (cluster) => putAway(cluster, "dismissed"),
  taught: (cluster, topic) => putAway(cluster, "taught", topic),
};

async function putAway(cluster, how, topic) {
  try {
    const { undo } = await api.putAway(cluster.id, choice, how, topic);
    tell(t(how), undo);
  } catch (error) {
    tell(t(error.code === "cluster_changed" ? "cluster_changed" : "failed"));
  }
  await look();
  root.querySelector("main").focus();
}

function tell(text, undo = null) {
  const back = async () => {
    toast.hidden = true;
    await api.undo(undo).catch(() => { problem = "failed"; });
    await look();
  };
  toast.replaceChildren(h("span", {}, ""), undo ? h("button", { type: "button", onclick: back }, t("undo")) : "");
  toast.hidden = false;
  say(toast.firstChild, text);
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { toast.hidden = true; }, TOAST_MS);
}
