"""What may be shown: nothing that fewer than k share, whatever is subtracted from whatever."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain import Table
from services.analytics.releasing import NOTHING, Counts, Release, added, next_release

K = 10
WORDS = ("track_parcel", "return_how", "rare_one", "rare_two", "other")
CELLS = st.dictionaries(st.sampled_from(WORDS), st.integers(1, 40))
GROWTH = st.lists(st.tuples(st.integers(0, 30), CELLS), min_size=1, max_size=6)


def counts(chats: int, **tables: dict[str, int]) -> Counts:
    return {Table.CHATS: {"begun": chats}} | {Table(name): one for name, one in tables.items()}


def release(counted: Counts, *, before: Release = NOTHING, is_live: bool = False) -> Release:
    return next_release(counted, NOTHING, before, K, is_live=is_live)


def fits(n: int) -> bool:
    """A figure that may be known: of nobody, or of k at least."""
    return n == 0 or n >= K


def topics(release: Release) -> Counter[str]:
    return Counter(release.shown.get(Table.TOPICS, {}))


def whole(release: Release, table: Table = Table.TOPICS) -> int:
    return sum(release.shown.get(table, {}).values()) + release.rest.get(table, 0)


@settings(deadline=None)
@given(CELLS)
def test_a_cell_or_a_pool_is_of_k_at_least(cells: dict[str, int]) -> None:
    made = release(counts(100, topics=cells))
    assert all(n >= K for n in topics(made).values())
    assert fits(made.rest.get(Table.TOPICS, 0))
    assert whole(made) in {0, sum(cells.values())}, "what is pooled is not lost"
    assert "other" not in topics(made), "what has no name of its own is in the pool"


@settings(deadline=None)
@given(CELLS)
def test_nothing_is_left_to_who_subtracts_what_is_shown_from_the_whole(
    cells: dict[str, int],
) -> None:
    made = release(counts(100, topics=cells))
    if made.shown.get(Table.TOPICS):
        assert fits(sum(cells.values()) - sum(topics(made).values()))


@settings(deadline=None)
@given(GROWTH)
def test_who_asks_at_every_moment_sees_k_come_together(
    steps: list[tuple[int, dict[str, int]]],
) -> None:
    seen, cells, chats = NOTHING, Counter[str](), 0
    for begun, more in steps:
        chats += begun
        cells.update(more)
        now = release(counts(chats, topics=dict(cells)), before=seen, is_live=True)
        assert all(fits(n) for n in (topics(now) - topics(seen)).values())
        assert topics(now) >= topics(seen), "nothing gets smaller"
        assert fits(whole(now) - whole(seen))
        if now != seen:
            assert whole(now, Table.CHATS) - whole(seen, Table.CHATS) >= K
        seen = now


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=7), st.integers(0, 10))
def test_a_longer_period_adds_nothing_that_few_share(
    days: list[dict[str, int]], twice: int
) -> None:
    """`twice`: so many conversations of the rare topic came on two days, and count once in the week."""
    made = added(release(counts(20, topics=cells)) for cells in days)
    together = sum((Counter(cells) for cells in days), Counter[str]())
    together["rare_one"] = max(0, together["rare_one"] - twice)
    week = next_release(counts(20, topics=dict(together)), made, NOTHING, K, is_live=False)
    assert all(fits(n) for n in topics(week).values())
    assert fits(week.rest.get(Table.TOPICS, 0))
    for word, n in (topics(made) + topics(week)).items():
        assert n <= max(together[word], topics(made)[word])


def test_what_is_too_rare_for_a_day_is_shown_when_the_week_has_enough() -> None:
    days = added(release(counts(20, topics={"rare_one": 2, "track_parcel": 12})) for _ in range(7))
    assert topics(days)["rare_one"] == 0
    counted = counts(140, topics={"rare_one": 14, "track_parcel": 84})
    assert topics(next_release(counted, days, NOTHING, K, is_live=False))["rare_one"] == 14


def test_the_smallest_hides_with_what_is_withheld() -> None:
    made = release(
        counts(60, topics={"track_parcel": 30, "return_how": 12, "rare_one": 1, "rare_two": 2})
    )
    assert topics(made) == {"track_parcel": 30}
    assert made.rest[Table.TOPICS] == 15


def test_where_one_word_has_all_it_hides_too() -> None:
    made = release(counts(40, languages={"nb": 40, "sv": 1}))
    assert Table.LANGUAGES not in made.shown
    assert made.rest[Table.LANGUAGES] == 41


def test_cells_that_overlap_have_no_sum_to_show() -> None:
    made = release(counts(40, mentions={"email": 20, "iban": 6, "ip": 6}))
    assert made.shown[Table.MENTIONS] == {"email": 20}
    assert Table.MENTIONS not in made.rest


@pytest.mark.parametrize(
    ("handed", "is_shown"), [(9, False), (10, True), (90, True), (91, False), (100, True)]
)
def test_who_went_to_people_and_who_did_not_are_both_of_k(handed: int, is_shown: bool) -> None:
    made = release(counts(100, handed={"over": handed}))
    assert (Table.HANDED in made.shown) is is_shown


def test_who_gave_up_is_not_what_the_waits_leave_of_those_handed_over() -> None:
    handed = {"handed": {"over": 40}, "waits": {"30": 18, "60": 18}}
    assert Table.WAITS not in release(counts(100, **handed)).shown
    handed["waits"]["60"] = 12
    assert release(counts(100, **handed)).shown[Table.WAITS] == {"30": 18, "60": 12}


@pytest.mark.parametrize(("begun", "is_shown"), [(20, True), (21, False), (29, False), (30, True)])
def test_a_week_adds_nothing_of_few_chats_that_its_days_do_not_show(
    begun: int, is_shown: bool
) -> None:
    """Where each chat has one topic, the sum of the topics is the number of chats."""
    days = release(counts(20, topics={"track_parcel": 17, "rare_one": 3}))
    week = counts(begun, topics={"track_parcel": 26, "return_how": 16})
    made = next_release(week, days, NOTHING, K, is_live=False)
    assert (made != NOTHING) is is_shown


def test_messages_are_told_of_k_chats_at_least() -> None:
    assert release(counts(9, volume={"messages": 500})) == NOTHING
    assert release(counts(10, volume={"messages": 500})).shown[Table.VOLUME] == {"messages": 500}


def test_without_suppression_everything_is_shown() -> None:
    made = next_release(counts(1, topics={"rare_one": 1}), NOTHING, NOTHING, 1, is_live=True)
    assert topics(made) == {"rare_one": 1}
