"""The chain of the audit log: whatever is done to it is found, and named by its number."""

from collections.abc import Callable
from datetime import timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from libs.kit.audit_chain import GENESIS, MOST_PROBLEMS, Check, End, digest_of
from tests.builders import NOW

KEY = b"k" * 32
Rows = list[dict[str, Any]]


def chain(count: int = 6, prev: str = GENESIS, first: int = 1) -> Rows:
    rows: Rows = []
    for seq in range(first, first + count):
        row = {
            "_id": seq, "at": NOW + timedelta(seconds=seq), "who": "kari@fjellbekk.example",
            "what": "case_read", "fields": ["intake", "messages"], "prev": prev,
        }  # fmt: skip
        prev = digest_of(row)
        rows.append(row | {"hash": prev})
    return rows


def found(rows: Rows, head: End, anchor: End | None = None) -> list[str]:
    check = Check(anchor)
    for row in rows:
        check.read(row)
    check.ends_at(head)
    return [str(problem) for problem in check.problems]


def head_of(rows: Rows) -> End:
    return End.signed(KEY, "head", rows[-1]["_id"], rows[-1]["hash"])


def test_a_chain_as_it_was_written_is_whole() -> None:
    rows = chain()
    assert found(rows, head_of(rows)) == []
    assert found([], End.signed(KEY, "head", 0, GENESIS)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("who", "per@fjellbekk.example"), ("what", "log_in"), ("fields", ["intake"]),
     ("at", NOW), ("prev", GENESIS), ("hash", GENESIS), ("added", True)],
)  # fmt: skip
def test_a_changed_entry_is_named(field: str, value: Any) -> None:
    rows = chain()
    head = head_of(rows)
    rows[2][field] = value
    assert "entry 3: was changed: its hash does not fit what it says" in found(rows, head)


def test_a_changed_entry_that_is_hashed_anew_breaks_the_next_link() -> None:
    rows = chain()
    head = head_of(rows)
    rows[2]["who"] = "per@fjellbekk.example"
    rows[2]["hash"] = digest_of(rows[2])
    assert found(rows, head) == ["entry 4: does not follow the entry before it"]


def test_a_chain_hashed_anew_to_its_end_is_not_the_one_that_was_signed() -> None:
    head = head_of(chain())
    rows = chain()
    rows[3]["who"] = "per@fjellbekk.example"
    for before, row in pairwise(rows[2:]):
        row["prev"] = before["hash"]
        row["hash"] = digest_of(row)
    assert found(rows, head) == ["entry 6: is not what was signed as the newest"]


CUTS: list[tuple[Callable[[Rows], Rows], str]] = [
    (lambda rows: rows[:2] + rows[3:], "entry 3: is missing"),
    (lambda rows: rows[1:], "entry 1: is missing"),
    (lambda rows: rows[2:], "entry 1: is missing, and so is every one up to 2"),
    (lambda rows: rows[:-1], "entry 6: is missing"),
    (lambda rows: rows[:-3], "entry 4: is missing, and so is every one up to 6"),
    (lambda _: [], "entry 1: is missing, and so is every one up to 6"),
]


@pytest.mark.parametrize(("cut", "problem"), CUTS)
def test_a_removed_entry_is_named(cut: Callable[[Rows], Rows], problem: str) -> None:
    rows = chain()
    assert problem in found(cut(rows), head_of(rows))


def test_two_swapped_entries_are_both_named() -> None:
    rows = chain()
    head = head_of(rows)
    rows[1]["_id"], rows[3]["_id"] = rows[3]["_id"], rows[1]["_id"]
    rows[1], rows[3] = rows[3], rows[1]
    problems = found(rows, head)
    assert {problem[:7] for problem in problems if "was changed" in problem} == {
        "entry 2", "entry 4",
    }  # fmt: skip


def test_what_was_cut_rightly_leaves_an_anchor() -> None:
    rows = chain()
    anchor = End.signed(KEY, "anchor", rows[1]["_id"], rows[1]["hash"])
    assert found(rows[2:], head_of(rows), anchor) == []
    assert found(rows[3:], head_of(rows), anchor)[0] == "entry 3: is missing"
    assert found(chain(4, first=3), head_of(rows), anchor)[0].startswith("entry 3: does not follow")


def test_an_end_is_signed_for_its_place_with_our_key_only() -> None:
    end = End.signed(KEY, "head", 6, "abc")
    assert end.is_signed(KEY, "head")
    assert not end.is_signed(KEY, "anchor")
    assert not end.is_signed(b"x" * 32, "head")
    assert not End(7, "abc", end.signature).is_signed(KEY, "head")
    assert not End(6, "abd", end.signature).is_signed(KEY, "head")
    assert End.of(vars(end)) == end


def test_a_very_broken_chain_is_counted_and_not_listed_whole() -> None:
    rows = chain(MOST_PROBLEMS + 20)
    head = head_of(rows)
    check = Check(None)
    for row in rows:
        check.read(row | {"what": "nothing"})
    check.ends_at(head)
    assert (len(check.problems), check.found) == (MOST_PROBLEMS, MOST_PROBLEMS + 20)


def test_the_hash_does_not_depend_on_the_order_of_fields_or_the_zone_of_time() -> None:
    row = chain(1)[0]
    assert digest_of(dict(reversed(row.items()))) == row["hash"]
    assert (
        digest_of(row | {"at": row["at"].astimezone(timezone(timedelta(hours=2)))}) == row["hash"]
    )
