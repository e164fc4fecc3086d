"""A short real conversation with the containers, from the first question to the last trace."""

import asyncio
import time
from typing import Any

from libs.contracts.topics import SERVICES
from tests.compose.stack import Failed
from tests.visitor import Visitor

ORDER = "10482217"
ERASED_SECONDS = 30.0
POLL_SECONDS = 0.1

Figures = dict[str, float]


async def talk(gateway: str, shop: str) -> Figures:
    """Ask, get a fact of the shop's own order system, delete; seconds of each, or Failed."""
    async with Visitor(gateway, shop, "fjellbekk") as visitor:
        answered = await _asked(visitor)
        erased = await _erased(visitor)
        await visitor.until(lambda me: me.closed_with, 10)
    if visitor.closed_with != 4410:
        raise Failed(f"the socket closed with {visitor.closed_with} after the erasure, not 4410")
    return {"order question answered": answered, "erased in five services": erased}


async def _asked(visitor: Visitor) -> float:
    await visitor.reply_to("Hvor er pakken min?")
    began = time.monotonic()
    answer = await visitor.reply_to(ORDER)
    if not any(card["kind"] == "parcel" for card in answer["cards"]):
        raise Failed("the bot did not bring the parcel's status from the shop's order system")
    seconds = time.monotonic() - began
    await visitor.until(lambda me: all(message["seq"] for message in me.shown()))
    return seconds


async def _erased(visitor: Visitor) -> float:
    began = time.monotonic()
    accepted = await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
    path = f"/v1/erasures/{accepted.json()['erasure_id']}"
    while not (state := await _state(visitor, path))["done"]:
        if time.monotonic() - began > ERASED_SECONDS:
            raise Failed(f"not erased within {ERASED_SECONDS:.0f} s: {state['waiting_for']} wait")
        await asyncio.sleep(POLL_SECONDS)
    if sorted(state["acknowledged"]) != sorted(SERVICES):
        raise Failed(f"only {state['acknowledged']} acknowledged the erasure")
    again = await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
    if again.status_code != 401:
        raise Failed(f"an erased conversation still opens: {again.status_code}")
    return time.monotonic() - began


async def _state(visitor: Visitor, path: str) -> dict[str, Any]:
    state: dict[str, Any] = (await visitor.call("GET", path)).json()
    return state
