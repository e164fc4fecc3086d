"""A service whose bus is stuck ends, so that its supervisor can start another."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from libs.kit import service as kit

PATIENCE_SECONDS = 5


async def test_a_bus_that_never_stops_does_not_keep_a_failed_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kit, "BROKEN_SECONDS", 0.05)
    closed: list[str] = []

    async def start() -> None:
        """A bus that starts."""

    bus = SimpleNamespace(start=start, stop=asyncio.Event().wait, problem=lambda: "consumer_stuck")
    stuck: Any = SimpleNamespace(
        name="nlu", settings=SimpleNamespace(host="127.0.0.1", start_timeout_seconds=1),
        prepare=[], bus=bus, listeners=[], background=[], finish=[],
        client=SimpleNamespace(close=lambda: closed.append("client")),
    )  # fmt: skip
    code = await asyncio.wait_for(kit.serve_until(stuck, asyncio.Event()), PATIENCE_SECONDS)
    assert code == 1
    assert closed == ["client"]
