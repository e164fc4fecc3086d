/** The figures on the page: how fresh they are, the tiles, the cards. */
import { cardFor } from "./card.js";
import { h, say } from "./shared/dom.js";
import { t } from "./shared/words.js";
import { tablesOf } from "./tables.js";
import { tilesOf } from "./tiles.js";
import { words } from "./words.js";

const STALE_SECONDS = 3600;

/** The board; `show(figures)` fills it again and again without moving what somebody reads. */
export function boardFor() {
  const made = h("p", { class: "quiet" });
  const span = h("p", { class: "span" });
  const fresh = h("p", { class: "quiet fresh" });
  const tiles = h("dl", { class: "tiles" });
  const empty = h("p", { class: "empty" });
  const cards = h("div", { class: "cards" });
  const node = h("div", { hidden: true }, h("div", { class: "facts" }, span, fresh), tiles, empty, cards, made);
  const known = new Map();
  let said = "";

  function show(figures) {
    node.hidden = false;
    const { last_counted_seconds_ago: _, ...told } = figures;
    const now = JSON.stringify(told);
    if (now === said) return;
    said = now;
    const { period, previous, k } = figures;
    const during = ({ from, to }) => `${words.long(from)} – ${words.long(to)}`;
    say(span, previous ? t("compared", during(period), during(previous.period)) : during(period));
    say(made, `${t("made_from", k)} ${t("few_why", k)}`);
    tiles.replaceChildren(...tilesOf(figures, words).map(tileOf));
    const isEmpty = !figures.totals.chats && !figures.totals.questions;
    empty.hidden = !isEmpty;
    cards.hidden = isEmpty;
    say(empty, t("empty", k));
    if (!isEmpty) showCards(figures);
  }

  function showCards(figures) {
    for (const table of tablesOf(figures, words)) {
      if (!known.has(table.id)) {
        known.set(table.id, cardFor(table.id));
        cards.append(known.get(table.id).node);
      }
      known.get(table.id).show(table, figures);
    }
  }

  return {
    node, show,
    draw: () => known.forEach((card) => card.draw()),
    age(seconds, isBroken) {
      say(fresh, seconds === null ? t("never_counted") : t("counted", words.duration(seconds)));
      fresh.classList.toggle("stale", isBroken || seconds === null || seconds > STALE_SECONDS);
    },
  };
}

function tileOf({ id, name, text, note, isFew, change }) {
  return h("div", { id: `tile-${id}` }, h("dt", {}, name),
    h("dd", { class: isFew ? "few" : "value" }, text),
    change ? h("dd", { class: "change" }, h("span", { "aria-hidden": "true" }, `${change.arrow} `), change.text) : null,
    h("dd", { class: "note" }, note));
}
