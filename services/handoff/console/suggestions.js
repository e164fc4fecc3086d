/** What the bot would say to this topic: put into the answer box on request, never sent by itself. */
import { keyed } from "./keyed.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";

const NAME_LETTERS = 60;

/** The suggestions of a case; `insert(text)` takes one that is chosen. */
export function suggestionsPanel(insert) {
  const list = h("ul", { class: "suggestions" });
  const show = keyed(list, ({ topic, name }) => `${topic} ${name}`, () => {
    const text = h("p", {});
    let said = "";
    const button = h("button", { type: "button", class: "insert", onclick: () => insert(said) }, t("insert"));
    return {
      node: h("li", {}, text, button),
      update(item) {
        said = item.text;
        say(text, item.text);
        button.setAttribute("aria-label", t("insert_named", said.slice(0, NAME_LETTERS)));
      },
    };
  });
  const node = h("section", { class: "suggestions-part", "aria-labelledby": "suggestions-title", hidden: true },
    h("h3", { id: "suggestions-title" }, t("suggestions")), list);
  return {
    node,
    update(suggestions, isMine) {
      node.hidden = !isMine || !suggestions.length;
      show(suggestions);
    },
  };
}
