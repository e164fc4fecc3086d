/** The log-in form. */
import { api } from "./api.js";
import { h, say } from "./dom.js";
import { t } from "./i18n.js";
import { languageChoice } from "./parts.js";

const PROBLEMS = ["log_in_failed", "too_many_tries", "no_answer"];

/** Shows the form; `done` gets the editor, `again` is called when the language changes. */
export function logInScreen(root, { notice, done, again }) {
  const problem = h("p", { class: "problem", role: "alert" }, notice ? t(notice) : "");
  const email = field("email", "email", "username");
  const password = field("password", "password", "current-password");
  const submit = h("button", { class: "primary", type: "submit" }, t("log_in"));
  const form = h("form", { class: "log-in", onsubmit: send },
    h("h1", {}, "Prat"), h("p", { class: "lead" }, t("studio")), h("p", {}, t("log_in_lead")),
    problem, email.row, password.row, submit, languageChoice(again));
  root.replaceChildren(h("main", { class: "door" }, form));
  email.input.focus();

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    say(problem, "");
    try {
      done(await api.logIn(email.input.value.trim(), password.input.value));
    } catch (error) {
      say(problem, t(PROBLEMS.includes(error.code) ? error.code : "failed"));
      password.input.select();
    } finally {
      submit.disabled = false;
    }
  }
}

function field(name, type, autocomplete) {
  const input = h("input", { id: name, name, type, autocomplete, required: true });
  return { input, row: h("p", { class: "field" }, h("label", { for: name }, t(name)), input) };
}
