"""What a visitor is promised at the door: deletion, objection, receipts, nothing in clear on the bus."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from libs.contracts.topics import TOPICS
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.errors import Refused
from libs.kit.settings import CommonSettings
from services.retention.receipts import read_keys
from tests.builders import ORIGIN, message_received
from tests.door_room import CANARY, Door, acknowledged, documents, open_door, visitor
from tests.running import environment
from tests.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(service_env: Mapping[str, str]) -> AsyncIterator[Door]:
    """One for all tests here: each has a conversation of its own."""
    with environment(service_env):
        async with open_door(service_env) as door:
            yield door


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
        assert status["deleted"]["retention"] == {
            "messages": 1,
            "attachments": 0,
            "conversation_keys": 1,
        }
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
