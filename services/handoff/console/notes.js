/** Internal notes: for colleagues alone, never shown to the visitor. */
import { api } from "./api.js";
import { keyed } from "./keyed.js";
import { h, say } from "./shared/dom.js";
import { clock, t } from "./shared/words.js";
import { tooLong } from "./composer.js";

const MAX_BYTES = 4 * 1024;

/** The notes on a case and the box for a new one; `drafts` keeps what is begun, `added` hears of more. */
export function notesPanel(caseId, { drafts, added, trouble }) {
  const list = h("ol", { class: "notes", "aria-label": t("notes") });
  const none = h("p", { class: "quiet" }, t("notes_none"));
  const text = h("textarea", { id: "note", rows: "2", "aria-describedby": "note-hint" });
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { type: "submit" }, t("note_add"));
  const form = h("form", { class: "note-box" }, h("label", { for: "note" }, t("note_new")), text,
    h("p", { class: "quiet", id: "note-hint" }, t("note_hint")), problem, button);
  const count = h("span", { class: "count" });
  const show = keyed(list, (note) => note.id, noteRow);
  const key = `note ${caseId}`;
  let clientId = crypto.randomUUID();
  text.value = drafts.get(key) ?? "";

  text.addEventListener("input", () => {
    drafts.set(key, text.value);
    // Another text is another note; the same one, sent again after a lost answer, is not.
    clientId = crypto.randomUUID();
    const over = tooLong(text.value, MAX_BYTES);
    say(problem, over ? t("too_long", over) : "");
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  async function add(event) {
    event.preventDefault();
    const said = text.value.trim();
    if (!said || tooLong(said, MAX_BYTES)) return;
    button.disabled = true;
    try {
      await api.note(caseId, clientId, said);
      text.value = "";
      drafts.delete(key);
      clientId = crypto.randomUUID();
      say(problem, "");
      await added();
    } catch (error) {
      say(problem, t("note_not_kept"));
      trouble(error);
    } finally {
      button.disabled = false;
    }
  }

  form.addEventListener("submit", add);
  return {
    node: h("section", { class: "notes-part", "aria-labelledby": "notes-title" },
      h("h3", { id: "notes-title" }, t("notes"), " ", count), none, list, form),
    update(notes, isOpen) {
      show(notes);
      say(count, notes.length ? String(notes.length) : "");
      none.hidden = notes.length > 0;
      form.hidden = !isOpen;
    },
    focus: () => text.focus(),
  };
}

function noteRow(note) {
  const said = h("p", { class: "note" });
  return {
    node: h("li", {}, h("p", { class: "who" }, h("strong", {}, note.mine ? t("you") : note.author), " ",
      h("time", { datetime: note.at }, clock(note.at))), said),
    update: ({ text }) => say(said, text),
  };
}
