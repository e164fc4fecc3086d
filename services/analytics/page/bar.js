/** The bar: whose figures, of when, whether they come by themselves, in which language. */
import { PERIODS } from "./place.js";
import { h, say } from "./shared/dom.js";
import { field, languageChoice } from "./shared/parts.js";
import { t } from "./shared/words.js";

/** The bar of a place; `go(changes)` goes to another one. */
export function barFor({ place, isLive, go, pause, leave, again }) {
  const shop = h("span");
  const period = h("select", {}, PERIODS.map((name) => h("option", { value: name, selected: name === place.period }, t(`period_${name}`))));
  const [from, to] = ["from", "to"].map((name) => h("input", { type: "date", value: place[name], required: true }));
  const own = h("form", { class: "own", onsubmit: (event) => {
    event.preventDefault();
    go({ period: "own", from: from.value, to: to.value });
  } }, field(t("from"), from), field(t("to"), to), h("button", { type: "submit" }, t("show")));
  own.hidden = place.period !== "own";
  period.onchange = () => {
    own.hidden = period.value !== "own";
    if (own.hidden) go({ period: period.value, from: "", to: "" });
    else from.focus();
  };
  const state = h("span", { class: "state" });
  const live = h("button", { type: "button", "aria-pressed": String(!isLive), onclick: pause }, t("pause"));
  const node = h("header", { class: "bar" },
    h("a", { class: "skip", href: "#main" }, t("skip")),
    h("div", { class: "brand" }, h("h1", {}, t("page_name")), shop),
    h("div", { class: "tools" }, h("p", { class: "live" }, state, live), h("a", { href: "inbox/" }, t("inbox")), languageChoice(again),
      h("button", { type: "button", onclick: leave }, t("leave"))),
    h("div", { class: "when" }, field(t("period"), period), own));
  return {
    node,
    name: (text) => say(shop, text),
    days(first, last) {
      if (place.period !== "own" && own.hidden) [from.value, to.value] = [first, last];
    },
    live(name, isOn) {
      node.dataset.live = name;
      say(state, t(`live_${name}`));
      live.setAttribute("aria-pressed", String(!isOn));
    },
  };
}
