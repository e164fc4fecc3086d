"""Who is there, on the real broker: known before the first answer, and followed."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.contracts.case import StaffingChanged
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.settings import CommonSettings
from libs.kit.staffing import StaffingView

pytestmark = pytest.mark.connected

PATIENCE_SECONDS = 20


def said(merchant_id: str, n: int) -> StaffingChanged:
    at = utc_now() + timedelta(milliseconds=n)
    return StaffingChanged(
        event_id=uuid4(), merchant_id=merchant_id, occurred_at=at, online={"general": n}
    )


async def test_what_was_said_before_the_start_is_known_and_what_comes_is_followed(
    house_env: Mapping[str, str],
) -> None:
    merchant_id = f"staffed-{uuid4().hex[:8]}"
    bus, view = Bus(CommonSettings(), "handoff"), StaffingView(CommonSettings())
    await bus.broker.connect()
    for n in (1, 2):
        await bus.publish(said(merchant_id, n))
    await view.start()
    assert view.online(merchant_id) == {"general": 2}
    await bus.publish(said(merchant_id, 3))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while view.online(merchant_id) != {"general": 3}:
            await asyncio.sleep(0.05)
    await view.stop()
    await bus.stop()
