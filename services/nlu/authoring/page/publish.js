/** Publishing: first what changes, then why, then the button. */
import { api } from "./api.js";
import { differences } from "./differences.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";
import { head } from "./parts.js";
import { confirmed, field } from "./shared/parts.js";

/** The screen of publishing the draft. */
export async function publishScreen(studio) {
  const { problems, topics, stored } = studio.overview;
  const changes = problems.length ? [] : (await api.differences()).changes;
  const note = h("input", { maxlength: 300, autocomplete: "off" });
  const state = h("p", { class: "hint", role: "status" });
  const button = h("button", { type: "submit", class: "primary", disabled: !changes.length }, t("publish_now"));
  const discard = h("button", { type: "button", class: "danger quiet-button", disabled: !stored, onclick: giveUp }, t("discard"));
  const form = h("form", { class: "publish", onsubmit: publish }, field(t("note"), note), button, state);
  return {
    node: h("div", { class: "screen" }, head(t("publish"), { lead: t("publish_lead"), actions: [discard] }),
      problems.length ? blocked() : [form, h("h3", {}, t("differences")), differences(changes, topics)]),
  };

  function blocked() {
    return [h("p", { class: "warning" }, t("blocked")),
      h("ul", { class: "problems" }, problems.map(({ file, line, cause, fix }) => h("li", {},
        h("a", { href: address(file) }, `${file}:${line}`), " ", cause, " ", h("span", { class: "fix" }, fix))))];
  }

  async function publish(event) {
    event.preventDefault();
    button.disabled = true;
    say(state, t("publishing"));
    const done = await studio.run(async () => {
      await api.publish(note.value.trim());
      await studio.saved(t("published"));
      return true;
    });
    say(state, "");
    button.disabled = false;
    if (done) studio.go("#/versions");
  }

  async function giveUp() {
    if (!(await confirmed(t("discard_title"), t("discard_lead"), t("discard_now")))) return;
    await studio.run(async () => {
      await api.discard();
      await studio.saved(t("discarded"));
      studio.go("#/publish");
    });
  }
}

function address(file) {
  const topic = /^topics\/(\w+)\.yaml$/.exec(file)?.[1];
  return topic ? `#/topic/${topic}` : "#/facts";
}
