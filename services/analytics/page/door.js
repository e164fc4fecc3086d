/** The way in: the shop's id and its key. */
import { h } from "./shared/dom.js";
import { field, languageChoice } from "./shared/parts.js";
import { t } from "./shared/words.js";

/** The form; `enter(shop, key)` is called with what is written in it. */
export function doorFor(root, { shop, problem, enter, again }) {
  const id = h("input", { value: shop, autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true });
  const key = h("input", { type: "password", autocomplete: "off", required: true });
  const form = h("form", { class: "log-in", onsubmit: (event) => {
    event.preventDefault();
    enter(id.value.trim(), key.value.trim());
  } },
  h("h1", {}, t("page_name")), h("p", { class: "quiet" }, t("log_in_lead")),
  h("div", { class: "problem", role: "alert" }, problem ? [h("strong", {}, t("wrong_title")), " ", t("wrong_fix")] : null),
  field(t("shop_id"), id), field(t("key"), key),
  h("button", { class: "primary", type: "submit" }, t("open")), languageChoice(again));
  root.replaceChildren(h("main", { class: "door" }, form));
  (shop ? key : id).focus();
}
