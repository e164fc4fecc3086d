"""Bad input at the visitor's door: refused with a code, a cause and what to do; nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.builders import ORIGIN
from tests.door_room import CANARY, OTHER_ORIGIN, Door, open_door, visitor
from tests.running import environment
from tests.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(service_env: Mapping[str, str]) -> AsyncIterator[Door]:
    """One for all tests here: each has a conversation of its own."""
    with environment(service_env):
        async with open_door(service_env) as door:
            yield door


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4400), (b"\x00\x01", 4400), ('{"type":"hello"}', 4400), ('{"type":"dance"}', 4400),
        ('{"type":"message","client_id":"x","text":"y"}', 4400),
        (json.dumps({"type": "hello", "conversation_id": "0" * 32, "token": "x"}), 4401),
        (json.dumps({"type": "message", "client_id": str(uuid4()), "text": "x"}), 4401),
        ("x" * 17_000, 1009), (None, 4408),
    ],
)  # fmt: skip
async def test_a_bad_first_frame_closes_with_its_code(
    door: Door, frame: str | bytes | None, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    async with connect(door.socket, origin=ORIGIN, proxy=None) as socket:  # type: ignore[arg-type]
        if frame is not None:
            await socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await asyncio.wait_for(socket.recv(), 10)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == code
    assert "x" * 100 not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://FJELLBEKK.example.evil", None, f"{ORIGIN}:8443"],
)
async def test_a_foreign_page_is_refused_before_the_socket_opens(
    door: Door, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(door.socket, origin=origin, proxy=None):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_a_token_does_not_work_from_another_merchants_page(door: Door) -> None:
    async with visitor(door) as me:
        cross = Visitor(
            door.url, OTHER_ORIGIN, "havsro", conversation_id=me.conversation_id, token=me.token
        )
        async with cross:
            await cross.until(lambda me: me.closed_with == 4403)
        path = f"/v1/conversations/{me.conversation_id}/export"
        assert (await cross.call("GET", path)).json()["error"]["code"] == "foreign_origin"


async def test_a_malformed_frame_later_is_answered_and_closes(door: Door) -> None:
    async with visitor(door) as me:
        await me.until(lambda me: me.owner)
        await me.raw(json.dumps({"type": "message", "client_id": CANARY, "text": CANARY}))
        await me.until(lambda me: me.closed_with == 4400)
        (error,) = [frame for frame in me.frames if frame["type"] == "error"]
        assert error["code"] == "malformed_frame"
        assert error["fix"]
        assert CANARY not in json.dumps(error)


async def test_who_writes_too_fast_is_slowed_and_loses_nothing(door: Door) -> None:
    async with visitor(door) as me:
        await me.until(lambda me: me.owner)
        for number in range(40):
            await me.say(f"{number}")
        await me.until(lambda me: any(f.get("code") == "too_fast" for f in me.frames))
        accepted = len([f for f in me.frames if f["type"] == "accepted"])
        assert 15 <= accepted < 40


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/conversations", {"merchant_id": "nobody", "locale": "nb"}, 404, "unknown_merchant"),
        ("POST", "/v1/conversations", {"merchant_id": {"$ne": ""}, "locale": "nb"}, 422, "invalid_body"),
        ("POST", "/v1/conversations", {"merchant_id": "fjellbekk", "locale": "xx"}, 422, "invalid_body"),
        ("POST", "/v1/conversations", {"merchant_id": "havsro", "locale": "nb"}, 403, "foreign_origin"),
        ("GET", "/v1/merchants/nobody", None, 404, "unknown_merchant"),
        ("GET", f"/v1/erasures/{uuid4()}", None, 404, "unknown_erasure"),
    ],
)  # fmt: skip
async def test_bad_calls_are_answered_with_cause_and_fix(
    door: Door, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = await visitor(door).call(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"topic": "no_such_topic", "fields": {}}, "unknown_topic"),
        ({"topic": "track_parcel", "fields": {}}, "invalid_form"),
        ({"topic": "track_parcel", "fields": {"order_number": "12"}}, "invalid_form"),
        (
            {"topic": "track_parcel", "fields": {"order_number": "10482217", "x": "y"}},
            "invalid_form",
        ),
    ],
)
async def test_a_bad_form_is_refused_and_nobody_queues(
    door: Door, changes: dict[str, Any], code: str
) -> None:
    async with visitor(door) as me:
        await me.until(lambda me: me.owner)
        frame = {"type": "handoff", "client_id": str(uuid4()), "locale": "nb"} | changes
        await me.raw(json.dumps(frame))
        await me.until(lambda me: any(f.get("code") == code for f in me.frames))
        assert me.owner["owner"] == "bot"


async def test_a_second_form_while_waiting_is_refused(door: Door) -> None:
    async with visitor(door) as me:
        await me.ask_for_person("track_parcel", order_number="10482217")
        await me.until(lambda me: me.owner.get("owner") == "queue")
        await me.ask_for_person("track_parcel", order_number="10482217")
        await me.until(lambda me: any(f.get("code") == "already_waiting" for f in me.frames))
