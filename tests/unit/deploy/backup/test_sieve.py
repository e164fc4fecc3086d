"""What may come back from a backup: nothing that is erased, wherever its id stands; nothing that ended."""

from datetime import timedelta
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument

from deploy.backup.restoring import ERASURE_ROWS, Sieve
from tests.builders import NOW

ERASED = "0123456789abcdef" * 2
OTHER = "fedcba9876543210" * 2
SIEVE = Sieve(frozenset([ERASED.encode()]), NOW)
PLACE = ("prat_handoff", "notes")


def why_not(document: dict[str, Any], place: tuple[str, str] = PLACE) -> str | None:
    return SIEVE.why_not(RawBSONDocument(bson.encode(document)), place)


@pytest.mark.parametrize(
    "document",
    [
        {"_id": ERASED}, {"_id": 1, "conversation_id": ERASED}, {"_id": f"{ERASED}:dialogue"},
        {"event": f'{{"conversation_id":"{ERASED}"}}'}, {"a": [{"b": OTHER}, {"c": ERASED}]},
        {ERASED: 1},
    ],
)  # fmt: skip
def test_what_speaks_of_an_erased_conversation_stays_away(document: dict[str, Any]) -> None:
    assert why_not(document) == "erased"


@pytest.mark.parametrize("document", [{"_id": OTHER}, {"_id": 1, "hash": ERASED + ERASED}, {}])
def test_everything_else_comes_back(document: dict[str, Any]) -> None:
    assert why_not(document) is None


def test_the_ledger_itself_comes_back() -> None:
    assert why_not({"conversation_id": ERASED}, ERASURE_ROWS) is None


def test_what_is_past_its_end_stays_away_to_the_moment() -> None:
    moment = timedelta(milliseconds=1)
    assert why_not({"expires_at": NOW}) == "expired"
    assert why_not({"expires_at": NOW - moment}) == "expired"
    assert why_not({"expires_at": NOW + moment}) is None
    assert why_not({"expires_at": NOW}, ERASURE_ROWS) == "expired"
