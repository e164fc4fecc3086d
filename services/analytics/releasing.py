"""What of the counts may be shown: nothing that fewer than k conversations share, not by subtraction either.

Pure. A conversation counts once per cell and period. What a period shows never gets smaller, and a figure
moves only when at least k more conversations are in it, so that asking again tells nothing of who just came.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.analytics.domain import OTHER, Table

Counts = Mapping[Table, Mapping[str, int]]
"""How many conversations are in each cell, by table and word."""

UNPOOLED = frozenset({Table.VOLUME, Table.MENTIONS, Table.CASES, Table.CHATS, Table.HANDED})
"""Tables whose cells overlap: a sum of what is withheld would be of nothing, so it is not shown."""


PART_OF = {
    Table.HANDED: Table.CHATS, Table.WAITS: Table.HANDED, Table.HANDLING: Table.WAITS,
    Table.RATINGS: Table.HANDLING,
}  # fmt: skip
"""Tables that count some of those whom another one counts: the others are the difference."""


@dataclass(frozen=True)
class Release:
    """What a period shows beyond its parts; `rest` is what is pooled in "other"."""

    shown: Counts = field(default_factory=dict)
    rest: Mapping[Table, int] = field(default_factory=dict)


NOTHING = Release()


def added(releases: Iterable[Release]) -> Release:
    """The sum of what several periods show."""
    shown: dict[Table, Counter[str]] = {}
    rest: Counter[Table] = Counter()
    for release in releases:
        for table, words in release.shown.items():
            shown.setdefault(table, Counter()).update(words)
        rest.update(release.rest)
    return Release(shown, rest)


def next_release(
    counts: Counts, parts: Release, before: Release, k: int, *, is_live: bool
) -> Release:
    """What a period of these counts shows from now on, beyond what its `parts` show already.

    `before` is what it has shown so far. While it `is_live` nothing moves until k more conversations
    have begun: whoever asks at every moment sees them come together, never one of them. Nor does
    anything move for fewer than k more, whom the other tables' sums would give away.
    """
    so_far = added((parts, before)).shown
    shown: dict[Table, Mapping[str, int]] = {}
    rest: dict[Table, int] = {}
    grown = {table: _growth(counts.get(table, {}), so_far.get(table, {}), k) for table in Table}
    chats = _sum(counts, Table.CHATS) - _sum(so_far, Table.CHATS)
    if 0 < chats < k or (is_live and chats < k):
        return before
    if chats < k:
        grown[Table.VOLUME] = {}, 0
    for table, whole in PART_OF.items():
        if 0 < _left_out(table, whole, grown, so_far) < k:
            grown[table] = {}, 0
    for table, (more, pooled) in grown.items():
        if _moved(more, pooled, before.rest.get(table, 0), k):
            shown[table] = Counter(before.shown.get(table, {})) + Counter(more)
            rest[table] = 0 if table in UNPOOLED else pooled
        else:
            shown[table] = before.shown.get(table, {})
            rest[table] = before.rest.get(table, 0)
    return Release(
        {table: words for table, words in shown.items() if words},
        {table: n for table, n in rest.items() if n},
    )


def _sum(counts: Counts, table: Table) -> int:
    return sum(counts.get(table, {}).values())


def _growth(
    counts: Mapping[str, int], so_far: Mapping[str, int], k: int
) -> tuple[dict[str, int], int]:
    """What is shown now of each word, and how much stays pooled: k at least, or nothing."""
    new = {word: max(0, n - so_far.get(word, 0)) for word, n in counts.items()}
    more = {word: n for word, n in new.items() if n >= k and word != OTHER}
    rest = sum(new.values()) - sum(more.values())
    if 0 < rest < k and more:
        # Who knows the whole could subtract what is shown: the smallest hides with the rest.
        rest += more.pop(min(more, key=lambda word: (more[word], word)))
    return more, rest if rest >= k else 0


def _moved(more: Mapping[str, int], pooled: int, pooled_before: int, k: int) -> bool:
    """Whether the whole table has grown by k: a figure that only changes places would tell of one."""
    return sum(more.values()) + pooled - pooled_before >= k


def _left_out(
    table: Table, whole: Table, grown: Mapping[Table, tuple[dict[str, int], int]], so_far: Counts
) -> int:
    """How many of `whole` are not in `table`, as everybody can work out."""
    part, all_of_it = (
        _sum(so_far, each) + sum(grown[each][0].values()) + grown[each][1]
        for each in (table, whole)
    )
    return all_of_it - part
