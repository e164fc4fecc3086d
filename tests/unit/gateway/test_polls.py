"""Where sockets are blocked: a line is opened with a hello, and is watched, limited and ended as one."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from libs.contracts.sealed import Purpose
from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.staffing import StaffingTable
from libs.privacy.keys import KeyRing
from services.gateway import polls
from services.gateway.domain import Session
from services.gateway.door import Door, _hash
from services.gateway.history import Edge
from services.gateway.polls import FRAME_BYTES, LEFT, PolledWire, PollRoutes
from services.gateway.screen import Screen
from services.gateway.sessions import QUEUE_LIMIT, TRY_AGAIN, LiveSockets
from services.gateway.settings import GatewaySettings
from tests.builders import NOW, ORIGIN, conversation_id, pack
from tests.unit.analytics.fakes import MemoryKeys
from tests.unit.gateway.memory import MemorySessions, NoPeers, OpenRing
from tests.unit.nlu.kitchen import MemoryBus

CONVERSATION = conversation_id()
TOKEN = "right"
HELLO = {"type": "hello", "conversation_id": CONVERSATION, "token": TOKEN, "last_seq": 0}


class House:
    """A gateway's edge with one conversation, and its lines."""

    def __init__(self) -> None:
        session = Session(CONVERSATION, "fjellbekk", "nb", _hash(TOKEN), NOW)
        store, self.sockets = MemorySessions(session), LiveSockets()
        history = SimpleNamespace(page=self._page)
        settings = GatewaySettings(gateway_poll_seconds=0.2, gateway_sockets_per_conversation=2)
        door = Door(
            settings, MemoryBus(), cast("Any", store),
            KeyRing(MemoryKeys(), dict.fromkeys(Purpose, b"k" * 32)), Packs(pack()),
            StaffingTable(), cast("Any", history), lambda: NOW,
        )  # fmt: skip
        screen = Screen(self.sockets, cast("Any", OpenRing()), cast("Any", store))
        edge = Edge(door, self.sockets, screen, cast("Any", NoPeers()))
        self.polls = PollRoutes(edge)
        self.app: Starlette = web_app([*self.polls.routes()])
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://gateway.example",
            headers={"origin": ORIGIN},
        )  # fmt: skip

    async def _page(self, _conversation: str, _after: int) -> Any:
        return SimpleNamespace(head=0, objects=False, messages=())

    async def open(self, **changes: Any) -> httpx.Response:
        return await self.http.post("/v1/lines", content=json.dumps({**HELLO, **changes}))

    async def line(self) -> dict[str, str]:
        """A new line, as the header that it goes by."""
        return {"authorization": f"Bearer {(await self.open()).json()['line']}"}

    async def poll(self, line: dict[str, str], **changes: str) -> httpx.Response:
        return await self.http.post("/v1/lines/poll", headers={**line, **changes})

    async def sends(self, line: dict[str, str], text: str | bytes) -> httpx.Response:
        return await self.http.post("/v1/lines/frames", headers=line, content=text)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.polls.close()
    await house.http.aclose()


def kinds(answer: httpx.Response) -> list[str]:
    return [frame["type"] for frame in answer.json()["frames"]]


async def test_a_line_is_welcomed_hears_what_is_pushed_and_speaks(house: House) -> None:
    line = await house.line()
    assert kinds(await house.poll(line)) == ["welcome"]
    waiting = asyncio.create_task(house.poll(line))
    await asyncio.sleep(0)
    house.sockets.push(CONVERSATION, {"type": "stored", "id": "a", "seq": 1})
    house.sockets.push(CONVERSATION, {"type": "stored", "id": "b", "seq": 2})
    told = kinds(await waiting)
    told += kinds(await house.poll(line)) if len(told) == 1 else []
    assert told == ["stored", "stored"]
    wish = {"type": "leave_queue", "client_id": "0d6e6a0e-2d5b-4c55-9c3f-0a4b1f6d7e10"}
    assert (await house.sends(line, json.dumps(wish))).status_code == 202
    (refused,) = (await house.poll(line)).json()["frames"]
    assert (refused["code"], refused["client_id"]) == ("not_waiting", wish["client_id"])


async def test_a_poll_without_news_ends_by_itself(house: House) -> None:
    line = await house.line()
    await house.poll(line)
    assert (await house.poll(line)).json() == {"frames": [], "close": None}


@pytest.mark.parametrize(
    ("hello", "origin", "status", "code"),
    [
        ({"token": "wrong"}, ORIGIN, 401, "token_wrong"),
        ({"conversation_id": "f" * 32}, ORIGIN, 401, "token_wrong"),
        ({"type": "typing"}, ORIGIN, 400, "malformed_frame"),
        ({"last_seq": -1}, ORIGIN, 400, "malformed_frame"),
        ({}, "https://evil.example", 403, "foreign_origin"),
        ({}, "null", 403, "foreign_origin"),
    ],
)
async def test_a_hello_is_checked_as_over_a_socket(
    house: House, hello: dict[str, Any], origin: str, status: int, code: str
) -> None:
    house.http.headers["origin"] = origin
    answer = await house.open(**hello)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert house.sockets.conversations() == ()


async def test_the_first_frame_must_be_a_hello(house: House) -> None:
    answer = await house.http.post("/v1/lines", content='{"type": "typing"}')
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "hello_missing")


async def test_lines_count_as_tabs(house: House) -> None:
    first = await house.line()
    await house.line()
    await house.poll(first)
    answer = await house.open()
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_tabs")


async def test_a_malformed_frame_is_answered_and_closes_the_line(house: House) -> None:
    line = await house.line()
    await house.poll(line)
    await house.sends(line, "{")
    found, close = list[dict[str, Any]](), None
    while close is None:
        told = (await house.poll(line)).json()
        found, close = [*found, *told["frames"]], told["close"]
    assert ([frame["code"] for frame in found], close) == (["malformed_frame"], 4400)


async def test_bodies_are_limited_and_texts(house: House) -> None:
    line = await house.line()
    assert (await house.sends(line, " " * (FRAME_BYTES + 1))).status_code == 413
    assert (await house.sends(line, b"\xff\xfe")).status_code == 400
    assert (await house.http.post("/v1/lines", content=" " * 10**6)).status_code == 413


async def test_a_line_is_its_own_pages_only(house: House) -> None:
    line = await house.line()
    house.http.headers["origin"] = "https://havsro.example"
    for answer in (await house.poll(line), await house.sends(line, "{}")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "line_unknown")
    assert (await house.poll({"authorization": "Bearer x"})).status_code == 401
    assert (await house.poll({})).status_code == 401


async def test_one_poll_at_a_time(house: House) -> None:
    line = await house.line()
    await house.poll(line)
    both = await asyncio.gather(house.poll(line), house.poll(line))
    assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_a_tab_that_leaves_in_the_middle_of_a_poll_is_gone(house: House) -> None:
    line = await house.line()
    await house.poll(line)
    scope = {
        "type": "http", "method": "POST", "path": "/v1/lines/poll",
        "headers": [(b"origin", ORIGIN.encode()), (b"authorization", line["authorization"].encode())],
    }  # fmt: skip
    events = iter([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(events)

    await house.polls.poll(Request(scope, receive))
    assert (await house.poll(line)).json()["close"] == LEFT
    await house.polls.close()
    assert house.sockets.conversations() == ()


async def test_a_tab_that_does_not_poll_any_more_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "GRACE_SECONDS", 0.01)
    line = await house.line()
    async with asyncio.timeout(5):
        while house.sockets.conversations() or house.polls._lines:
            await asyncio.sleep(0.01)
    assert (await house.poll(line)).status_code == 401


async def test_a_service_that_stops_sends_its_lines_away_to_come_again(house: House) -> None:
    line = await house.line()
    await house.poll(line)
    waiting = asyncio.create_task(house.poll(line))
    await asyncio.sleep(0)
    await house.polls.close()
    assert (await waiting).json()["close"] == TRY_AGAIN


async def test_what_nobody_fetches_waits_and_what_nobody_reads_is_refused() -> None:
    wire = PolledWire()
    for number in range(QUEUE_LIMIT):
        await wire.send_json({"seq": number})
        wire.take("{}")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await wire.send_json({"seq": QUEUE_LIMIT})
    with pytest.raises(Exception, match="too_fast"):
        wire.take("{}")
    wire.end(TRY_AGAIN)
    assert len(await wire.news()) == QUEUE_LIMIT
    assert await wire.news() == []
