/**
 * The figures as tables: each plot is drawn from one, shows it beside itself and gives it as a file. Pure.
 * A cell whose `n` is null is withheld: fewer than k share it, which may be nobody.
 */

const TOPICS_DRAWN = 5;
const WEEKDAYS = 7;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

/** Lists of the answer: the key that names a row, and the heading of its column; parts of one whole have shares. */
const LISTS = [
  { id: "topics", key: "topic", whole: true },
  { id: "outcomes", key: "outcome", whole: true },
  { id: "languages", key: "language", whole: true },
  { id: "waits", key: "seconds", whole: true },
  { id: "handling", key: "seconds", whole: true },
  { id: "cases", key: "step" },
  { id: "ratings", key: "score", whole: true },
  { id: "mentions", key: "kind" },
  { id: "lengths", key: "length" },
];

/** All tables in the order of the page; `say` has the words of the language in use. */
export function tablesOf(figures, say) {
  return [
    overTime(figures, say), topicsOverTime(figures, say), heat(figures, say),
    ...LISTS.map((list) => listed(list, figures, say)),
  ];
}

/** A number that is shown, or null: below k there is none, and none is told apart from few. */
const shownOnly = (n) => ({ n: n || null });

function overTime({ steps }, say) {
  const rows = steps.rows.map((row) => ({
    ...stepOf(row, steps.kind, say), cells: [row.chats, row.messages, row.handed_over].map(shownOnly),
  }));
  const heads = [say.t(`head_${steps.kind}`), say.t("chats"), say.t("messages"), say.t("handed")];
  return { id: "time", kind: "lines", title: say.t("title_time"), heads, rows };
}

function topicsOverTime(figures, say) {
  const { steps } = figures;
  const drawn = figures.topics.map(({ topic }) => topic).filter((topic) => topic !== "other").slice(0, TOPICS_DRAWN);
  const rows = steps.rows.map((row) => ({
    ...stepOf(row, steps.kind, say), cells: drawn.map((topic) => shownOnly(row.topics[topic])),
  }));
  const heads = [say.t(`head_${steps.kind}`), ...drawn.map((topic) => labelOf("topics", topic, figures, say))];
  return { id: "topic_time", kind: "lines", title: say.t("title_topic_time"), heads, rows: drawn.length ? rows : [] };
}

function stepOf(row, kind, say) {
  const label = kind === "week" && row.from !== row.to ? `${say.day(row.from)} – ${say.day(row.to)}` : say.day(row.from);
  return { label, name: row.from, short: say.shortDay(row.from) };
}

function heat(figures, say) {
  const rows = Array.from({ length: WEEKDAYS }, (_, day) => ({
    label: say.weekday(day), short: say.weekday(day), cells: figures.heat[day].map(shownOnly),
  }));
  return { id: "heat", kind: "heat", title: say.t("title_heat"), heads: [say.t("head_weekday"), ...HOURS], rows };
}

function listed({ id, key, whole }, figures, say) {
  const all = figures[id].reduce((sum, row) => sum + row.n, 0);
  const rows = figures[id].map((row) => ({
    label: labelOf(id, row[key], figures, say), word: row[key],
    cells: [shownOnly(row.n)], share: whole && row.n ? say.percent(row.n / all) : "",
  }));
  const heads = [say.t(`head_${key}`), say.t("count")];
  return { id, kind: "rows", title: say.t(`title_${id}`), heads, rows: all ? rows : [], hasShares: Boolean(whole), all };
}

function labelOf(id, word, figures, say) {
  if (word === "other") return say.t("word_other");
  if (id === "topics") return say.pick(figures.titles[word], word);
  if (id === "languages") return say.languageName(word);
  if (id === "ratings") return say.t("score", word);
  if (id === "waits" || id === "handling") return say.bound(word);
  return say.named("word", word);
}

/** What a plot shows in one sentence: how much in all, and where the most is. */
export function sentenceOf({ title, rows }, say) {
  const cells = rows.flatMap(({ label, cells: [first] }) => (first?.n ? [{ label, n: first.n }] : []));
  const most = cells.reduce((top, cell) => (cell.n > (top?.n ?? 0) ? cell : top), null);
  return most ? `${title}. ${say.t("most", most.label, say.number(most.n))}` : title;
}
