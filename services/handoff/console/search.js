/** Search in the agent's own open cases: what was said, the form, the notes. */
import { api } from "./api.js";
import { h, say } from "./shared/dom.js";
import { fresh } from "./shared/parts.js";
import { clock, pick, t } from "./shared/words.js";

const PAUSE_MS = 300;
const SHORTEST = 2;

/** The search field and what it finds; `open(id)` opens a case, `trouble` hears what failed. */
export function search({ open, trouble }) {
  const id = fresh("search");
  const box = h("input", { type: "search", id, autocomplete: "off", maxlength: "100", placeholder: t("search") });
  const told = h("p", { class: "quiet", role: "status" });
  const list = h("ul", { class: "cases found" });
  const node = h("search", { class: "search" }, h("label", { class: "unseen", for: id }, t("search")), box, told, list);
  let waiting = 0;
  let turn = 0;

  async function look() {
    const wanted = box.value.trim();
    const own = (turn += 1);
    if (wanted.length < SHORTEST) return show([], "");
    say(told, t("searching"));
    try {
      const { found, complete } = await api.search(wanted);
      const count = found.length ? t("found_n", found.length) : t("found_none");
      if (own === turn) show(found, complete ? count : `${count} ${t("found_part")}`);
    } catch (error) {
      if (own === turn) show([], t("failed"));
      trouble(error);
    }
  }

  function show(found, text) {
    say(told, text);
    list.replaceChildren(...found.map(({ case: item, excerpt }) => h("li", {},
      h("button", { type: "button", class: "open", onclick: () => open(item.case_id) },
        h("span", { class: "title" }, pick(item.title, item.topic)),
        h("span", { class: "excerpt" }, marked(excerpt, box.value.trim())),
        h("span", { class: "meta" }, t("since", clock(item.assigned_at)))))));
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  });
  return { node, focus: () => box.select() };
}

/** A text in which every place that was looked for is marked; nodes only, never markup. */
function marked(text, wanted) {
  const parts = [];
  let from = 0;
  const [low, sought] = [text.toLowerCase(), wanted.toLowerCase()];
  for (let at = low.indexOf(sought); sought && at >= 0; at = low.indexOf(sought, from)) {
    parts.push(text.slice(from, at), h("mark", {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
