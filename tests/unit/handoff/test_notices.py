"""Notices to open consoles: only to those whom they concern, and never in anybody's way."""

from dataclasses import replace

from services.handoff.notices import WAITING_NOTICES, Notice, Notices
from tests.unit.handoff.builders import waiting_case


async def test_a_console_hears_of_its_own_merchants_only() -> None:
    notices, case = Notices(), waiting_case()
    with notices.listen(["fjellbekk"]) as inbox, notices.listen(["havsro"]) as other:
        notices.queue_changed(case)
        notices.case_changed(replace(case, merchant_id="havsro"))
        assert inbox.get_nowait() == Notice("queue", "fjellbekk", str(case.case_id))
        assert other.get_nowait() == Notice("case", "havsro", str(case.case_id))
        assert inbox.empty()
        assert other.empty()


async def test_a_console_that_does_not_read_holds_nobody_up() -> None:
    notices, case = Notices(), waiting_case()
    with notices.listen(["fjellbekk"]) as inbox:
        for _ in range(WAITING_NOTICES + 5):
            notices.case_changed(case)
        assert inbox.qsize() == WAITING_NOTICES
        await notices.close()


async def test_whether_anybody_listens_is_known() -> None:
    notices = Notices()
    assert not notices.anybody
    with notices.listen(["fjellbekk"]):
        assert notices.anybody
    assert not notices.anybody


async def test_closing_ends_every_stream() -> None:
    notices = Notices()
    with notices.listen(["fjellbekk"]) as inbox:
        await notices.close()
        assert inbox.get_nowait() is None
    assert notices.closed


async def test_who_comes_and_who_looks_is_told_to_the_shops_consoles() -> None:
    notices, case = Notices(), waiting_case()
    with notices.listen(["fjellbekk"]) as inbox, notices.listen(["havsro"]) as other:
        notices.watching(case)
        notices.presence_changed("fjellbekk")
        assert inbox.get_nowait() == Notice("watching", "fjellbekk", str(case.case_id))
        assert inbox.get_nowait() == Notice("presence", "fjellbekk", "")
        assert inbox.empty()
        assert other.empty()
