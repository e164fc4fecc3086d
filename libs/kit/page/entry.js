/** The way in: the log-in form, or the page behind it, in the person's language. */
import { h, say } from "./dom.js";
import { field, languageChoice } from "./parts.js";
import { language, t } from "./words.js";

const PROBLEMS = ["log_in_failed", "totp_required", "totp_wrong", "sso_only", "no_answer"];
const SIGN_IN = ["sso_denied", "sso_expired", "sso_unavailable", "sso_unknown_account"];

/**
 * Shows `screen(root, me, { leave, again })` to who is logged in, the form to all others. `leave(why)`
 * asks for the form, `again` draws the screen anew; `left` drops what was on it.
 */
export async function enter({ api, isIn, screen, left }) {
  const root = document.getElementById("root");
  const came = new URLSearchParams(location.search).get("sign_in");
  let shown = null;
  let ways = null;

  function show(draw) {
    shown?.stop?.();
    document.documentElement.lang = language();
    shown = draw();
  }

  function inside(me) {
    show(() => screen(root, me, { leave: door, again: () => inside(me) }));
  }

  function door(notice) {
    left();
    document.title = "Prat";
    show(() => logInForm(root, { api, ways, notice, done: inside, again: () => door(null) }));
  }

  const me = await api.me().catch(() => ({}));
  ways = me.sign_on;
  if (isIn(me)) inside(me);
  else door(came && (SIGN_IN.includes(came) ? came : "sso_failed"));
}

function logInForm(root, { api, ways, notice, done, again }) {
  const problem = h("p", { class: "problem", role: "alert" }, notice ? t(notice) : "");
  const email = input("email", "email", "username");
  const password = input("password", "password", "current-password");
  const code = input("code", "text", "one-time-code");
  const second = field(t("code"), code);
  second.hidden = true;
  code.required = false;
  const submit = h("button", { class: "primary", type: "submit" }, t("log_in"));
  const form = h("form", { class: "log-in", onsubmit: send },
    h("h1", {}, "Prat"), h("p", { class: "lead" }, t("page_name")), h("p", {}, t("log_in_lead")), problem,
    ways ? h("a", { class: "sign-on", href: "api/oidc/start" }, t("log_in_with", ways.name)) : null,
    ways?.only ? null : [field(t("email"), email), field(t("password"), password), second, submit],
    languageChoice(again));
  root.replaceChildren(h("main", { class: "door" }, form));
  form.querySelector("a, input").focus();

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    say(problem, "");
    try {
      done(await api.logIn(email.value.trim(), password.value, code.value.trim()));
    } catch (error) {
      say(problem, saidOf(error));
      second.hidden &&= error.code !== "totp_required";
      (second.hidden ? password : code).select();
    } finally {
      submit.disabled = false;
    }
  }
}

function saidOf(error) {
  if (error.code === "too_many_tries") return t("too_many_tries", Math.ceil((error.wait || 60) / 60));
  return t(PROBLEMS.includes(error.code) ? error.code : "failed");
}

function input(name, type, autocomplete) {
  return h("input", { id: name, name, type, autocomplete, required: true });
}
