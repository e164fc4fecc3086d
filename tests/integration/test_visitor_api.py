"""The visitor's door and the transcript on the real broker and store: good visits, bad input."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from motor.motor_asyncio import AsyncIOMotorClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from deploy.local.ports import Ports
from libs.contracts.topics import TOPICS
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.errors import Refused
from libs.kit.settings import CommonSettings
from libs.kit.transcript import TranscriptClient
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.retention import app as retention
from services.retention.receipts import read_keys
from services.retention.settings import RetentionSettings
from tests.builders import ORIGIN, message_received, pack
from tests.present import said_present
from tests.running import running
from tests.visitor import Visitor

OTHER_ORIGIN = "https://havsro.example"
CANARY = "Planted canary sentence 4711, kari@kunde.example"


@dataclass(frozen=True)
class Door:
    """Where the running gateway listens."""

    url: str
    socket: str
    retention: TranscriptClient


@pytest.fixture
async def door(house_env: Mapping[str, str]) -> AsyncIterator[Door]:
    ports = Ports()
    public, internal, retaining = ports.any(), ports.any(), ports.any()
    packs = Packs(pack(), pack("havsro", origins=(OTHER_ORIGIN,)))
    keeping = retention.build(RetentionSettings(retention_internal_port=retaining), content=packs)
    settings = GatewaySettings(
        gateway_public_port=public,
        gateway_internal_port=internal,
        retention_url=f"http://127.0.0.1:{retaining}",
        gateway_hello_seconds=1,
        gateway_conversations_per_hour=1000,
    )
    await said_present(*(each.merchant for each in packs.all()))
    client = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    async with running(keeping, gateway.build(settings, content=packs)):
        yield Door(f"http://127.0.0.1:{public}", f"ws://127.0.0.1:{public}/v1/socket", client)
    await client.close()


def visitor(door: Door, **changes: Any) -> Visitor:
    return Visitor(door.url, ORIGIN, "fjellbekk", **changes)


async def test_a_message_is_accepted_stored_and_there_again_in_another_tab(door: Door) -> None:
    async with visitor(door) as first:
        await first.say(CANARY)
        await first.until(lambda me: me.last_seq == 1)
        second = visitor(door, conversation_id=first.conversation_id, token=first.token)
        async with second:
            await second.until(lambda me: me.last_seq == 1)
            assert second.shown()[0]["text"] == CANARY
            await first.say("og en til")
            await second.until(lambda me: me.last_seq == 2)
            assert [m["text"] for m in second.shown()] == [CANARY, "og en til"]


async def test_a_resent_message_is_one_message(door: Door) -> None:
    async with visitor(door) as me:
        frame = json.dumps({"type": "message", "client_id": str(uuid4()), "text": "hei"})
        await me.until(lambda me: me.owner)
        for _ in range(3):
            await me.raw(frame)
        await me.until(lambda me: len([f for f in me.frames if f["type"] == "accepted"]) == 3)
        await me.say("slutt")
        await me.until(lambda me: me.last_seq == 2)
        assert [m["text"] for m in me.shown()] == ["hei", "slutt"]


async def test_a_lost_connection_resumes_without_gap_or_repeat(door: Door) -> None:
    async with visitor(door) as me:
        for number in range(30):
            await me.say(f"melding {number}")
            if number % 7 == 3:
                await me.drop()
            await asyncio.sleep(0.03)
        await me.until(lambda me: me.last_seq == 30)
        assert sorted(m["text"] for m in me.shown()) == sorted(f"melding {n}" for n in range(30))


async def test_the_form_puts_the_visitor_in_the_queue_and_seals_what_follows_for_the_case(
    door: Door, house_env: Mapping[str, str]
) -> None:
    async with visitor(door) as me:
        await me.ask_for_person("track_parcel", order_number="10482217")
        await me.until(lambda me: me.owner.get("owner") == "queue")
        await me.say("er dere der?")
        await me.until(lambda me: me.last_seq == 2)
        stored = await documents(house_env, "retention", "messages", me.conversation_id)
        assert [document["kind"] for document in stored] == ["intake", "message"]
        assert {document["sealed"]["purpose"] for document in stored} == {"case"}


async def test_the_download_is_complete_and_only_for_the_holder_of_the_token(door: Door) -> None:
    async with visitor(door) as me, visitor(door) as stranger:
        await me.say(CANARY)
        await me.until(lambda me: me.last_seq == 1)
        path = f"/v1/conversations/{me.conversation_id}/export"
        data = await me.call("GET", path)
        assert [m["text"] for m in data.json()["messages"]] == [CANARY]
        page = await me.call("GET", f"{path}?format=html")
        assert "attachment" in page.headers["content-disposition"]
        assert CANARY in page.text
        assert (await stranger.call("GET", path)).status_code == 401
        bare = await me.call("GET", path, headers={"authorization": ""})
        assert bare.json()["error"]["code"] == "token_missing"


async def test_after_deletion_nothing_can_be_read_anywhere(
    door: Door, house_env: Mapping[str, str]
) -> None:
    async with visitor(door) as me, visitor(door) as other:
        await other.say("jeg blir")
        await me.say(CANARY)
        await me.until(lambda me: me.last_seq == 1)
        answer = await me.call("DELETE", f"/v1/conversations/{me.conversation_id}")
        assert answer.status_code == 202
        await me.until(lambda me: me.closed_with == 4410)
        repeated = await me.call("DELETE", f"/v1/conversations/{me.conversation_id}")
        assert (repeated.status_code, repeated.json()) == (202, answer.json())
        unknown = {"authorization": "Bearer somebody-elses"}
        stranger = await me.call(
            "DELETE", f"/v1/conversations/{me.conversation_id}", headers=unknown
        )
        assert stranger.json()["error"]["code"] == "token_wrong"
        erasure = f"/v1/erasures/{answer.json()['erasure_id']}"
        await acknowledged(me, erasure, {"gateway", "retention"})
        status = (await me.call("GET", erasure)).json()
        assert not status["done"], "three services are not running here: it must not be done"
        assert set(status["waiting_for"]) == {"nlu", "handoff", "analytics"}
        assert (status["state"], status["receipt"]) == ("not finished", False)
        assert status["deleted"]["gateway"] == {"sessions": 1}
        assert status["deleted"]["retention"] == {"messages": 1, "conversation_keys": 1}
        unsigned = await me.call("GET", f"{erasure}/receipt")
        assert (unsigned.status_code, unsigned.json()["error"]["code"]) == (409, "not_finished")
        assert "analytics" in unsigned.json()["error"]["message"]
        again = await me.call("GET", f"/v1/conversations/{me.conversation_id}/export")
        assert again.status_code == 401
        for database, collection in (("retention", "messages"), ("gateway", "sessions")):
            assert not await documents(house_env, database, collection, me.conversation_id)
        keys = await documents(house_env, "keys", "conversation_keys", me.conversation_id)
        assert [key["wrapped"] for key in keys] == [None, None]
        await other.until(lambda me: me.last_seq == 1)


async def test_the_keys_of_receipts_are_for_everybody_and_receipts_for_no_foreign_page(
    door: Door,
) -> None:
    async with httpx.AsyncClient(base_url=door.url) as anybody:
        assert (await anybody.get("/metrics")).status_code == 404, "figures are for the house"
        keys = await anybody.get("/v1/receipt-keys")
        assert read_keys(keys.content)
        assert keys.headers["access-control-allow-origin"] == "*"
        receipt = f"/v1/erasures/{uuid4()}/receipt"
        codes = {
            "https://elsewhere.example": "foreign_origin",
            ORIGIN: "unknown_erasure",
            None: "unknown_erasure",
        }
        for origin, code in codes.items():
            headers = {"origin": origin} if origin else {}
            answer = await anybody.get(receipt, headers=headers)
            assert answer.json()["error"]["code"] == code


def welcomes(me: Visitor) -> list[dict[str, Any]]:
    return [frame for frame in me.frames if frame["type"] == "welcome"]


def objections(me: Visitor) -> list[bool]:
    return [frame["objects"] for frame in me.frames if frame["type"] == "objection"]


async def test_an_objection_holds_in_every_tab_at_the_desk_and_in_the_download(door: Door) -> None:
    async with visitor(door) as me:
        await me.say("Hei")
        await me.until(lambda me: me.last_seq == 1)
        one = f"/v1/conversations/{me.conversation_id}"
        assert [welcome["objects"] for welcome in welcomes(me)] == [False]
        assert (await me.call("GET", f"{one}/export")).json()["improvement"] == {
            "objected": False, "since": None,
        }  # fmt: skip
        for _ in range(2):
            answer = await me.call("PUT", f"{one}/objection", json={"objects": True})
            assert (answer.status_code, answer.json()) == (200, {"objects": True})
        assert await door.retention.objects(me.conversation_id)
        await me.until(lambda me: objections(me) == [True])
        export = (await me.call("GET", f"{one}/export")).json()["improvement"]
        assert export["objected"]
        assert export["since"]
        page = (await me.call("GET", f"{one}/export?format=html")).text
        assert "brukes ikke til forbedring siden" in page
        await me.drop()
        await me.until(lambda me: len(welcomes(me)) == 2)
        assert welcomes(me)[1]["objects"] is True
        await me.call("PUT", f"{one}/objection", json={"objects": False})
        await me.until(lambda me: objections(me) == [True, False])
        await door.retention.set_objection("fjellbekk", me.conversation_id, objects=True)
        await me.until(lambda me: objections(me) == [True, False, True])
        await me.call("PUT", f"{one}/objection", json={"objects": False})
        assert not (await me.call("GET", f"{one}/export")).json()["improvement"]["objected"]
        for body in ({}, {"objects": "perhaps"}, {"objects": True, "more": 1}):
            refused = await me.call("PUT", f"{one}/objection", json=body)
            assert refused.json()["error"]["code"] == "invalid_body"
        stranger = {"authorization": "Bearer somebody-elses"}
        refused = await me.call("PUT", f"{one}/objection", json={"objects": True}, headers=stranger)
        assert refused.json()["error"]["code"] == "token_wrong"
        await me.call("DELETE", one)
        gone = await me.call("PUT", f"{one}/objection", json={"objects": True})
        assert gone.status_code == 401
        with pytest.raises(Refused, match="erased"):
            await door.retention.objects(me.conversation_id)


async def test_a_late_event_of_an_erased_conversation_is_not_stored(
    door: Door, house_env: Mapping[str, str]
) -> None:
    async with visitor(door) as me, visitor(door) as other:
        await me.say("hei")
        await me.until(lambda me: me.last_seq == 1)
        answer = await me.call("DELETE", f"/v1/conversations/{me.conversation_id}")
        await acknowledged(me, f"/v1/erasures/{answer.json()['erasure_id']}", {"retention"})
        bus = Bus(CommonSettings(), "gateway")
        await bus.broker.connect()
        await bus.publish(message_received(me.conversation_id, occurred_at=utc_now()))
        await bus.stop()
        # Partitions are read side by side: the late event has its own, so ask for a while.
        for number in range(12):
            await other.say(f"{number}")
        await other.until(lambda me: me.last_seq == 12)
        assert not await documents(house_env, "retention", "messages", me.conversation_id)


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


async def test_nothing_personal_is_in_clear_on_the_bus(
    door: Door, house_env: Mapping[str, str]
) -> None:
    async with visitor(door) as me:
        await me.say(CANARY)
        await me.ask_for_person("track_parcel", order_number="10482217", description=CANARY)
        await me.until(lambda me: me.last_seq == 2)
    records = await everything_on_the_bus(house_env)
    mine = [record for record in records if me.conversation_id.encode() in record]
    assert len(mine) >= 3
    assert not [record for record in records if CANARY.encode() in record or b"10482217" in record]


async def test_with_several_gateways_each_tab_gets_everything(
    house_env: Mapping[str, str],
) -> None:
    ports = Ports()
    retaining = ports.any()
    packs = Packs(pack())
    keeping = retention.build(RetentionSettings(retention_internal_port=retaining), content=packs)
    publics = [ports.any(), ports.any()]
    gateways = [second_gateway(public, ports.any(), retaining, packs) for public in publics]
    async with running(keeping, *gateways):
        first = Visitor(f"http://127.0.0.1:{publics[0]}", ORIGIN, "fjellbekk")
        async with first:
            await first.until(lambda me: me.owner)
            second = Visitor(
                f"http://127.0.0.1:{publics[1]}", ORIGIN, "fjellbekk",
                conversation_id=first.conversation_id, token=first.token,
            )  # fmt: skip
            async with second:
                await second.until(lambda me: me.owner)
                for number in range(6):
                    await (first, second)[number % 2].say(f"{number}")
                for tab in (first, second):
                    await tab.until(lambda me: me.last_seq == 6)
                    assert {m["text"] for m in tab.shown()} == {str(n) for n in range(6)}


def second_gateway(public: int, internal: int, retaining: int, packs: Packs) -> Any:
    settings = GatewaySettings(
        gateway_public_port=public,
        gateway_internal_port=internal,
        gateway_peer_url=f"http://127.0.0.1:{internal}",
        retention_url=f"http://127.0.0.1:{retaining}",
    )
    return gateway.build(settings, content=packs)


async def documents(
    env: Mapping[str, str], service: str, collection: str, conversation: str
) -> list[dict[str, Any]]:
    client: Any = AsyncIOMotorClient(env["MONGO_URL"])
    mine = {"$or": [{"conversation_id": conversation}, {"_id": conversation}]}
    found = [doc async for doc in client[f"prat_{service}"][collection].find(mine).sort("seq", 1)]
    client.close()
    return found


async def acknowledged(me: Visitor, erasure: str, services: set[str]) -> None:
    async with asyncio.timeout(30):
        while True:
            status = (await me.call("GET", erasure)).json()
            if services <= set(status["acknowledged"]):
                return
            await asyncio.sleep(0.05)


async def everything_on_the_bus(env: Mapping[str, str]) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in TOPICS),
        bootstrap_servers=env["KAFKA_BOOTSTRAP"],
        auto_offset_reset="earliest",
    )
    await consumer.start()
    ends = await consumer.end_offsets(consumer.assignment())
    records: list[bytes] = []
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            records += [record.value or b"" for record in batch]
    await consumer.stop()
    return records
