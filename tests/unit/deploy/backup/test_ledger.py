"""The ledger of erasures is the backup's own, goes on without a gap, and every entry is readable."""

import json
from types import SimpleNamespace
from uuid import uuid4

import pytest

from deploy.backup.ledger import check, entry
from deploy.backup.manifest import Ledger
from deploy.local.errors import LocalFault
from libs.contracts.asyncapi import example
from libs.contracts.privacy import ErasureRecorded
from libs.contracts.topics import LEDGER
from services.retention.domain import Erasure, recorded
from tests.builders import NOW

ERASURE = Erasure(uuid4(), "visitor", NOW)
KNOWN = Ledger(cluster="one", ends=(5, 5))


@pytest.mark.parametrize(("now", "begins"), [((5, 5), (0, 0)), ((9, 5), (0, 5)), ((9, 9), (5, 5))])
def test_a_ledger_that_goes_on_is_taken(now: tuple[int, ...], begins: tuple[int, ...]) -> None:
    check(KNOWN, Ledger(cluster="one", ends=now), begins)


@pytest.mark.parametrize(
    ("now", "begins", "said"),
    [
        (Ledger(cluster="two", ends=(9, 9)), (0, 0), "not the one of the backup"),
        (Ledger(cluster="one", ends=(9, 4)), (0, 0), "not the one of the backup, or was emptied"),
        (Ledger(cluster="one", ends=(9, 9)), (0, 6), "does not reach back"),
    ],
)
def test_a_ledger_that_may_have_missed_an_erasure_is_refused(
    now: Ledger, begins: tuple[int, ...], said: str
) -> None:
    with pytest.raises(LocalFault, match=said):
        check(KNOWN, now, begins)


def test_an_entry_says_which_conversation_is_erased() -> None:
    written = recorded(ERASURE, "fjellbekk", "5b0f9c6d2e8147a3b1c4d5e6f7081920")
    record = SimpleNamespace(value=written.model_dump_json().encode())
    read = entry(record, LEDGER.adapter())
    assert read == written
    assert (read.erasure_id, read.occurred_at) == (ERASURE.erasure_id, ERASURE.requested_at)


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"type": "SomethingNew"}])
def test_an_entry_that_cannot_be_read_may_be_an_erasure(change: dict[str, object]) -> None:
    value = json.dumps(example(ErasureRecorded) | change).encode()
    record = SimpleNamespace(value=value, partition=3, offset=14)
    with pytest.raises(LocalFault, match="partition 3, offset 14"):
        entry(record, LEDGER.adapter())
