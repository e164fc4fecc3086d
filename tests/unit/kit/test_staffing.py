"""The newest word on who is there counts, however it comes."""

from datetime import timedelta
from uuid import uuid4

from libs.contracts.case import StaffingChanged
from libs.kit.staffing import StaffingTable
from tests.builders import NOW


def said(
    online: dict[str, int], seconds: int = 0, merchant_id: str = "fjellbekk"
) -> StaffingChanged:
    at = NOW + timedelta(seconds=seconds)
    return StaffingChanged(event_id=uuid4(), merchant_id=merchant_id, occurred_at=at, online=online)


def test_while_nobody_has_said_nothing_is_known() -> None:
    table = StaffingTable()
    table.put(said({"general": 1}, merchant_id="havsro"))
    assert table.online("fjellbekk") is None


def test_an_older_word_that_comes_late_changes_nothing() -> None:
    table = StaffingTable()
    table.put(said({"general": 2}, seconds=5))
    table.put(said({"general": 9}))
    assert table.online("fjellbekk") == {"general": 2}
    table.put(said({"general": 0}, seconds=6))
    assert table.online("fjellbekk") == {"general": 0}
