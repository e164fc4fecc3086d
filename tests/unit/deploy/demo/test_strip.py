"""The strip: only allowed keys leave, for one conversation, for a while, to the shops' pages."""

import asyncio
import json
from typing import Any, Self

import httpx
import pytest
import uvicorn
from aiokafka.errors import KafkaConnectionError

from deploy.demo import strip as module
from deploy.demo.strip import (
    KEPT_CONVERSATIONS,
    KEPT_HEADS,
    KEPT_SECONDS,
    Strip,
    StripSettings,
    create_app,
    head_of,
    read_bus,
)
from libs.contracts.topics import BOT, CONTENT, QUESTION, TOPICS, VISITOR

CONVERSATION = "0123456789abcdef" * 2
OTHER = "f" * 32
EVENT_ID = "5a0f1c3e-0000-4000-8000-000000000001"
PLANTED = "PLANTED kari@example.com 10482217"
HEAD = {"event_id": EVENT_ID, "time": "t", "topic": "p", "service": "nlu", "type": "T"}


def record(**changes: Any) -> bytes:
    event = {
        "event_id": EVENT_ID,
        "type": "MessageReceived",
        "merchant_id": "fjellbekk",
        "conversation_id": CONVERSATION,
        "occurred_at": "2026-11-23T10:00:00.123456+00:00",
    }
    return json.dumps(event | changes).encode()


class TestHeadOf:
    def test_nothing_but_the_allowed_keys_leaves(self) -> None:
        planted = {
            "message": PLANTED, "cause_id": PLANTED, "locale": PLANTED, "topic": PLANTED,
            "service": PLANTED, "time": PLANTED, "intake": {"nested": [PLANTED]}, PLANTED: PLANTED,
        }  # fmt: skip
        assert head_of(VISITOR, record(**planted)) == (
            CONVERSATION,
            {
                "time": "2026-11-23T10:00:00.123+00:00",
                "topic": "prat.visitor.v1",
                "service": "gateway",
                "type": "MessageReceived",
                "event_id": EVENT_ID,
            },
        )

    @pytest.mark.parametrize(
        "key", ["event_id", "type", "merchant_id", "conversation_id", "occurred_at"]
    )
    @pytest.mark.parametrize("value", [PLANTED, "Planted", None, [PLANTED], {"a": PLANTED}])
    def test_text_in_an_allowed_key_does_not_leave_either(self, key: str, value: Any) -> None:
        assert head_of(VISITOR, record(**{key: value})) is None

    def test_a_type_of_another_topic_is_not_shown(self) -> None:
        assert head_of(BOT, record(type="MessageReceived")) is None

    @pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"\xff\xfe", b"null", b"1"])
    def test_a_record_that_is_no_event(self, value: bytes | None) -> None:
        assert head_of(VISITOR, value) is None

    @pytest.mark.parametrize("topic", [CONTENT, QUESTION])
    def test_facts_of_no_conversation_are_not_shown(self, topic: Any) -> None:
        name = topic.event_types[0].__name__
        event = json.loads(record(type=name))
        del event["conversation_id"]
        assert head_of(topic, json.dumps(event).encode()) is None

    @pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
    def test_every_event_type_of_the_contracts_is_shown(self, topic: Any) -> None:
        for event_type in topic.event_types:
            assert head_of(topic, record(type=event_type.__name__))


class TestStrip:
    def test_keeps_the_last_heads(self) -> None:
        strip = Strip()
        for number in range(KEPT_HEADS + 5):
            strip.add(CONVERSATION, HEAD | {"event_id": str(number)})
        kept = strip.kept(CONVERSATION)
        assert (len(kept), kept[0]["event_id"]) == (KEPT_HEADS, "5")

    def test_forgets_after_a_while(self) -> None:
        now = 0.0
        strip = Strip(clock=lambda: now)
        strip.add(CONVERSATION, HEAD)
        now = KEPT_SECONDS + 1
        assert strip.kept(CONVERSATION) == []
        strip.add(OTHER, HEAD)
        now = 0.0
        assert strip.kept(CONVERSATION) == []

    def test_a_flood_of_conversations_does_not_fill_the_memory(self) -> None:
        strip = Strip()
        for number in range(KEPT_CONVERSATIONS + 50):
            strip.add(str(number), HEAD)
        assert strip.kept("0") == []
        assert strip.kept(str(KEPT_CONVERSATIONS + 49)) == [HEAD]

    async def test_a_listener_gets_what_is_kept_then_what_comes_of_its_conversation(self) -> None:
        strip = Strip()
        strip.add(CONVERSATION, HEAD)
        heads = strip.follow(CONVERSATION)
        assert await anext(heads) == HEAD
        waiting = asyncio.ensure_future(anext(heads))
        await asyncio.sleep(0)
        strip.add(OTHER, HEAD | {"type": "Other"})
        strip.add(CONVERSATION, HEAD | {"type": "Next"})
        assert (await waiting)["type"] == "Next"
        await heads.aclose()

    async def test_a_listener_that_does_not_read_holds_nothing_up(self) -> None:
        strip = Strip()
        strip.add(CONVERSATION, HEAD)
        heads = strip.follow(CONVERSATION)
        await anext(heads)
        for _ in range(KEPT_HEADS * 2):
            strip.add(CONVERSATION, HEAD)
        await heads.aclose()
        assert strip._listeners == {}


class FakeConsumer:
    """The first one loses the broker, the second one delivers a record and then waits."""

    started = 0

    def __init__(self, *topics: str, **options: Any) -> None:
        assert set(topics) == {topic.name for topic in TOPICS}
        assert (options["group_id"], options["auto_offset_reset"]) == (None, "latest")

    async def __aenter__(self) -> Self:
        FakeConsumer.started += 1
        if FakeConsumer.started == 1:
            raise KafkaConnectionError
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def __aiter__(self) -> Any:
        if FakeConsumer.started == 2:
            yield type("Record", (), {"topic": VISITOR.name, "value": record()})
            raise KafkaConnectionError
        await asyncio.Event().wait()


async def test_a_lost_broker_is_met_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AIOKafkaConsumer", FakeConsumer)
    monkeypatch.setattr(module, "RECONNECT_SECONDS", 0)
    FakeConsumer.started = 0
    strip = Strip()
    heads = strip.follow(CONVERSATION)
    reader = asyncio.create_task(read_bus("nowhere", strip))
    head = await asyncio.wait_for(anext(heads), 5)
    assert head["type"] == "MessageReceived"
    async with asyncio.timeout(5):
        while FakeConsumer.started < 3:
            await asyncio.sleep(0)
    reader.cancel()
    await heads.aclose()


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A strip behind a real server (the test client cannot read a stream without an end)."""

    async def no_bus(_bootstrap: str, _strip: Strip) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "read_bus", no_bus)
    strip = Strip()
    settings = StripSettings(
        shop_fjellbekk_url="http://127.0.0.1:8080", shop_havsro_url="http://127.0.0.1:8081"
    )
    config = uvicorn.Config(
        create_app(settings, strip), port=0, log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(5):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        yield strip, client
    server.should_exit = True
    await serving


class TestHttp:
    async def test_a_stream_replays_and_follows(self, served: Any) -> None:
        strip, client = served
        found = head_of(VISITOR, record(message=PLANTED))
        assert found
        strip.add(*found)
        async with client.stream("GET", "/events", params={"conversation": CONVERSATION}) as got:
            assert got.headers["content-type"].startswith("text/event-stream")
            lines = (line async for line in got.aiter_lines() if line.startswith("data:"))
            first = json.loads((await anext(lines))[5:])
            strip.add(CONVERSATION, HEAD)
            second = json.loads((await anext(lines))[5:])
        assert first.keys() == {"time", "topic", "service", "type", "event_id"}
        assert second == HEAD

    @pytest.mark.parametrize("query", ["", "?conversation=", "?conversation=x", "?other=1"])
    async def test_a_question_without_a_conversation(self, served: Any, query: str) -> None:
        answer = await served[1].get("/events" + query)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [
            ("http://127.0.0.1:8080", True),
            ("http://127.0.0.1:8081", True),
            ("http://127.0.0.1:8082", False),
            ("https://evil.example", False),
            ("null", False),
        ],
    )
    async def test_only_the_shops_may_listen(
        self, served: Any, origin: str, *, allowed: bool
    ) -> None:
        answer = await served[1].get("/healthz", headers={"origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is allowed
