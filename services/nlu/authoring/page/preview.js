/** Preview: the draft in the real chat, and an inspector that explains every message. */
import { api } from "./api.js";
import { h, say } from "./shared/dom.js";
import { languageName, percent, pick, t } from "./shared/words.js";
import { head } from "./parts.js";
import { field } from "./shared/parts.js";
import { openWidget, showWidget } from "./widget.js";

const SHOWN = 30;

/** The screen of the preview. */
export async function previewScreen(studio) {
  const { languages } = studio.overview;
  const titles = new Map(studio.overview.topics.map(({ key, title }) => [key, pick(title, key)]));
  const name = (key) => titles.get(key) ?? key;
  const words = h("p", { role: "status", class: "hint" });
  const start = h("button", { type: "button", class: "primary", onclick: () => begin() }, t("preview_start"));
  const said = h("input", { maxlength: 2000, required: true, autocomplete: "off" });
  const locale = h("select", {}, languages.map((code) => h("option", { value: code }, languageName(code))));
  const form = h("form", { class: "try", onsubmit: send }, field(t("try_sentence"), said), field(t("try_locale"), locale),
    h("button", { type: "submit" }, t("explain")));
  const none = h("p", { class: "quiet" }, t("inspector_empty"));
  const list = h("ol", { class: "heard", "aria-live": "polite" });
  showWidget(true);
  return {
    node: h("div", { class: "screen preview" }, head(t("preview"), { lead: t("preview_lead"), actions: [start] }), words,
      h("section", { class: "part", "aria-label": t("inspector") }, h("h3", {}, t("inspector")), form, none, list)),
    stop: () => showWidget(false),
  };

  async function begin() {
    start.disabled = true;
    say(words, t("preview_starting"));
    const made = await studio.run(() => api.preview());
    start.disabled = false;
    say(words, made ? t("preview_ready") : "");
    if (!made) return;
    say(start, t("preview_again"));
    openWidget(studio.gateway, made.merchant, studio.shop.colour, (text, language) => inspect(text, language || locale.value));
  }

  async function send(event) {
    event.preventDefault();
    await inspect(said.value, locale.value);
    said.select();
  }

  async function inspect(text, language) {
    const code = languages.includes(language) ? language : languages[0];
    const heard = await studio.run(() => api.inspect(text, code));
    if (!heard) return;
    none.hidden = true;
    list.prepend(h("li", {}, shown(text, heard)));
    while (list.children.length > SHOWN) list.lastChild.remove();
  }

  function shown(text, heard) {
    return [
      h("p", { class: "line" }, h("q", {}, text), h("span", { class: "mark" }, languageName(heard.language))),
      h("p", { class: heard.sure ? "decided" : "decided unsure" }, decided(heard)),
      h("dl", { class: "bars", "aria-label": t("likeliest") }, heard.candidates.map(bar)),
      heard.entities.length ? h("p", { class: "meta" }, `${t("found")}: `, heard.entities.map(({ type, value }, index) =>
        [index ? ", " : "", h("code", {}, type), ` ${value}`])) : null,
      h("p", { class: "meta" }, heard.spans.length ? [`${t("masked")}: `, h("code", {}, heard.masked)] : t("nothing_masked")),
    ];
  }

  function decided({ sure, close, intent }) {
    if (sure) return [`${t("decided")} `, h("a", { href: `#/topic/${intent}` }, name(intent))];
    return close.length ? t("asks_between", close.map(name).join(" · ")) : t("unsure");
  }

  function bar({ topic, confidence }) {
    return h("div", {}, h("dt", {}, name(topic)),
      h("dd", {}, h("meter", { min: 0, max: 1, value: confidence, "aria-label": name(topic) }), h("span", {}, percent(confidence))));
  }
}
