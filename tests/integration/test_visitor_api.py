"""The visitor's door and the transcript on the real broker and store: good visits."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.door_room import CANARY, Door, documents, open_door, visitor
from tests.running import environment

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(service_env: Mapping[str, str]) -> AsyncIterator[Door]:
    """One for all tests here: each has a conversation of its own."""
    with environment(service_env):
        async with open_door(service_env) as door:
            yield door


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
