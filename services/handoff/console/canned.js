/** Ready answers: which fit what was typed after `/`, and what becomes of the text when one is taken. */

/** What stands after a `/` that begins the text or a word and runs to the caret; null where none does. */
export function slashed(text, caret) {
  const found = text.slice(0, caret).match(/(?:^|\s)\/([^\s/]*)$/);
  return found ? found[1] : null;
}

/** The ready answers that fit: by the beginning of their key first, then by any word of key or text. */
export function fitting(replies, wanted) {
  const sought = wanted.toLowerCase();
  const rank = ({ key, text }) => {
    if (key.toLowerCase().startsWith(sought)) return 0;
    return `${key} ${text}`.toLowerCase().includes(sought) ? 1 : 2;
  };
  return replies
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter((one) => one.rank < 2)
    .sort((one, other) => one.rank - other.rank || one.reply.key.localeCompare(other.reply.key))
    .map((one) => one.reply);
}

/** The text with `/wanted` before the caret replaced by `said`, and where the caret stands then. */
export function filled(text, caret, said) {
  const start = caret - slashed(text, caret).length - 1;
  return { text: text.slice(0, start) + said + text.slice(caret), caret: start + said.length };
}

/** The text with `said` put in at the caret, parted from what stands around it. */
export function inserted(text, caret, said) {
  const [before, after] = [text.slice(0, caret), text.slice(caret)];
  const gap = before && !/\s$/.test(before) ? " " : "";
  const rest = after && !/^\s/.test(after) ? ` ${after}` : after;
  return { text: before + gap + said + rest, caret: before.length + gap.length + said.length };
}
