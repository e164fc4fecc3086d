/** The figures that stand for themselves, each beside what it was in the period before. Pure. */

const FEW = "few";
const rate = (part, whole) => (part && whole ? part / whole : null);

/** How each is got from the totals, and how it is written. */
const TILES = [
  { id: "chats", value: ({ chats }) => chats || null, as: "number" },
  { id: "messages", value: ({ messages }) => messages || null, as: "number" },
  { id: "contained", value: ({ containment }) => containment, as: "percent" },
  { id: "fallback", value: ({ fallback, questions }) => rate(fallback, questions), as: "percent" },
  { id: "handed", value: ({ handed_over, chats }) => rate(handed_over, chats), as: "percent" },
  { id: "wait_half", value: ({ wait_p50 }) => wait_p50, as: "bound" },
  { id: "wait_most", value: ({ wait_p90 }) => wait_p90, as: "bound" },
  { id: "rating", value: ({ rating }) => rating, as: "rating" },
  { id: "erasures", value: ({ erasures }) => erasures || null, as: "number" },
  { id: "oldest", value: ({ oldest }) => oldest?.days ?? null, as: "age" },
];

const LONGEST = Number.MAX_SAFE_INTEGER;
const size = (value) => (value === "longer" ? LONGEST : Number(value));

/** Every tile: its name, its value, a word on it, and how it has changed. */
export function tilesOf({ totals, previous, k, oldest }, say) {
  return TILES.map(({ id, value, as }) => {
    const [now, then] = [value({ ...totals, oldest }), previous ? value(previous.totals) : null];
    return {
      id, name: say.t(id), note: say.t(`${id}_note`), isFew: now === null,
      text: now === null ? say.t(FEW, k) : say[as](now),
      change: now === null || then === null ? null : changeOf(now, then, as, say),
    };
  });
}

/** An arrow, and the same in words. */
function changeOf(now, then, as, say) {
  const way = Math.sign(size(now) - size(then));
  const text = way ? say.t(way > 0 ? "up" : "down", say[as](then)) : say.t("same");
  return { way, arrow: { "-1": "▼", 0: "=", 1: "▲" }[way], text };
}
