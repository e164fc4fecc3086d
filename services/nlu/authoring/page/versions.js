/** Everything that was published, and the way back to it. */
import { api } from "./api.js";
import { differences } from "./differences.js";
import { h, say } from "./shared/dom.js";
import { moment, t } from "./shared/words.js";
import { head } from "./parts.js";
import { ask, empty, field } from "./shared/parts.js";

/** The screen of the versions. */
export async function versionsScreen(studio) {
  const { versions } = await api.versions();
  return {
    node: h("div", { class: "screen" }, head(t("versions"), { lead: t("versions_lead") }),
      versions.length ? h("ol", { class: "versions" }, versions.map(row)) : empty(h("p", {}, t("no_versions")))),
  };

  function row(one) {
    const at = moment(one.published_at);
    const shown = h("div", { class: "difference" });
    const show = h("button", { type: "button", "aria-expanded": "false", onclick: toggle }, t("show_difference"));
    const back = h("button", { type: "button", onclick: () => rollBack(one, at) }, t("roll_back"));
    return h("li", {}, h("div", { class: "version" },
      h("div", {}, h("p", { class: "line" }, h("strong", {}, at), one.current ? h("span", { class: "mark changed" }, t("in_use")) : null),
        h("p", { class: "meta" }, one.who === "files" ? t("from_files") : one.who, " · ", h("code", {}, one.version)),
        one.note ? h("p", {}, one.note) : null),
      one.current ? null : h("div", { class: "actions" }, show, back)), shown);

    async function toggle() {
      const isOpen = show.getAttribute("aria-expanded") === "true";
      const found = isOpen ? null : await studio.run(() => api.version(one.version));
      if (!isOpen && !found) return;
      show.setAttribute("aria-expanded", String(!isOpen));
      say(show, t(isOpen ? "show_difference" : "hide_difference"));
      shown.replaceChildren(isOpen ? "" : differences(found.changes, studio.overview.topics));
    }
  }

  async function rollBack({ version }, at) {
    const note = h("input", { name: "note", maxlength: 300, autocomplete: "off" });
    const content = h("div", { class: "fields" }, h("p", {}, t("roll_back_lead", at)), field(t("note"), note));
    const answer = await ask(t("roll_back_title"), content, [
      { value: "", text: t("cancel"), focus: true },
      { value: "back", text: t("roll_back_now"), kind: "primary" },
    ]);
    if (!answer) return;
    await studio.run(async () => {
      await api.rollBack(version, answer.data.get("note"));
      await studio.saved(t("rolled_back"));
      studio.go("#/versions");
    });
  }
}
