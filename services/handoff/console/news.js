/** What is new between two looks at the lists: this is what a person is told of. */

const ids = (cases) => new Set(cases.map((item) => item.case_id));

/**
 * News as `{ kind: "message" | "given" | "waiting" | "filed", item }`, the most urgent first; nothing at
 * the first look. `taken` are ids of cases that the person took: they are no news.
 */
export function newsOf(before, now, taken = new Set()) {
  if (!before) return [];
  const own = new Map(before.mine.map((item) => [item.case_id, item]));
  const messages = now.mine.filter((item) => item.unread && own.has(item.case_id) && isLater(item, own.get(item.case_id)));
  const given = now.mine.filter((item) => !own.has(item.case_id) && !taken.has(item.case_id));
  return [
    ...told("message", messages), ...told("given", given),
    ...told("waiting", unseen(before.waiting, now.waiting)), ...told("filed", unseen(before.filed, now.filed)),
  ];
}

const told = (kind, items) => items.map((item) => ({ kind, item }));

function unseen(before, now) {
  const known = ids(before);
  return now.filter((item) => !known.has(item.case_id));
}

function isLater(item, before) {
  return !before.unread || item.last_said_at > before.last_said_at;
}
