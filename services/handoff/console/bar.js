/** The bar on top: shops, the connection, presence, and the menu of everything else. */
import { alertSwitches } from "./alerts.js";
import { factorDialog } from "./factor.js";
import { h, say } from "./shared/dom.js";
import { disclosure, languageChoice } from "./shared/parts.js";
import { t } from "./shared/words.js";
import { showShortcuts } from "./keys.js";

/** The bar; `presence` is its control where the person answers cases, `places` are links to other screens. */
export function bar(agent, { presence, places, again, logOut }) {
  const link = h("p", { class: "link-state", role: "status" });
  const shops = agent.merchants.map((shop) => shop.name).join(" · ");
  const opener = h("button", { type: "button", class: "menu-button", "aria-label": t("menu_of", agent.name) },
    h("span", { class: "me" }, agent.name), h("span", { class: "three", "aria-hidden": "true" }, "☰"));
  const menu = h("div", { class: "panel menu" },
    h("p", { class: "meta" }, agent.id), alertSwitches(), languageChoice(redraw),
    places.map(({ text, go }) => item(text, go)),
    item(t("shortcuts"), showShortcuts), item(t("factor_own"), () => factorDialog(agent.id, true)),
    item(t("log_out"), logOut));

  function redraw() {
    again();
    document.querySelector(".menu-button").focus();
  }

  return {
    node: h("header", { class: "bar" },
      h("div", { class: "brand" }, h("h1", {}, "Prat"), h("span", {}, shops)), link,
      h("div", { class: "tools" }, presence, disclosure(opener, menu))),
    /** Shows how the page is in touch: live, checking, or away. */
    link(state) {
      say(link, t(state));
      link.className = `link-state ${state}`;
    },
  };
}

const item = (text, onclick) => h("button", { type: "button", class: "item", onclick }, text);
