"""Who told the bot an address or an order, and never asked for a person, is found by it."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.bodies import Customer
from libs.contracts.bot import ReplyComposed
from libs.contracts.content import RETENTION_DAYS
from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.keystore import MongoKeyStore
from libs.privacy.sealing import KeyGone
from services.handoff.given import MENTIONED
from services.handoff.rights import Grant, Role
from tests.console_room import BLIND
from tests.rights_room import NORA, Rights, code, rights

__all__ = ["rights"]

ORDER = "10482217"
DAYS = timedelta(days=RETENTION_DAYS)


async def marks(rights: Rights) -> list[Any]:
    return [row async for row in rights.desk.db[MENTIONED.name].find().sort("_id", 1)]


async def found(rights: Rights, kind: str, value: str, merchant_id: str = "fjellbekk") -> list[str]:
    mark = BLIND.mark(merchant_id, kind, value)
    given = rights.desk.handlers.store.given
    return [*await given.conversations(merchant_id, mark)]


def erasure(event: ReplyComposed) -> ErasureRequested:
    return ErasureRequested(
        event_id=uuid4(), merchant_id=event.merchant_id, conversation_id=event.conversation_id,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="merchant",
    )  # fmt: skip


async def test_a_copy_is_handed_out_by_the_address_that_the_bot_was_told(rights: Rights) -> None:
    told = await rights.desk.tells_bot(NORA, "ole@kunde.example")
    await rights.desk.tells_bot("ola@kunde.example")
    await rights.desk.tells_bot(NORA, merchant_id="havsro")
    await rights.desk.tells_bot()
    path = await rights.identified("access", " Nora@Kunde.example")
    assert (await rights.shown(path))["conversations"] == [told.conversation_id]
    made = await rights.dpo.get(f"{path}/export/{told.conversation_id}", params={"format": "json"})
    assert made.text == f"fjellbekk {told.conversation_id} json nb []"
    (look,) = await rights.desk.audit.looks("fjellbekk", told.conversation_id)
    assert look["what"] == "rights_exported"
    assert (await rights.do(path, "done"))["state"] == "done"


async def test_an_order_finds_what_was_told_and_what_was_filled_in_each_once(
    rights: Rights,
) -> None:
    told = await rights.desk.tells_bot(order_numbers=(ORDER,))
    asked = await rights.desk.asks(order_number=ORDER)
    path = await rights.identified("erasure", "somebody@else.example")
    both = await rights.do(path, "order", order_number="1048 2217")
    assert both["conversations"] == [asked.conversation_id, told.conversation_id]
    await rights.do(path, "erase")
    assert {one for _, one, _ in rights.desk.shelf.erased} == {*both["conversations"]}


async def test_the_marks_say_nothing_and_go_with_the_erasure_which_counts_them(
    rights: Rights,
) -> None:
    told = await rights.desk.tells_bot(NORA, order_numbers=(ORDER,))
    rows = await marks(rights)
    assert len(rows) == 2
    assert {*rows[0]} == {"_id", "merchant_id", "mark", "conversation_id", "expires_at"}
    assert not re.search("nora|kunde|10482217", str(rows) + told.model_dump_json())
    await rights.desk.handlers.erasure_requested(erasure(told))
    (said,) = await rights.desk.outbox("ErasureAcknowledged")
    assert ErasureAcknowledged.model_validate_json(said).deleted["mentioned"] == 2
    await rights.desk.handlers.bot_turn(told)
    assert await marks(rights) == [], "what comes late of an erased conversation is not marked"


async def test_without_its_key_a_turn_marks_nothing(rights: Rights) -> None:
    told = await rights.desk.tells_bot(NORA)
    await rights.desk.db[MENTIONED.name].delete_many({})
    # Somebody else destroys the keys: what this process remembers of them does not count.
    others = MongoKeyStore(rights.desk.db.client)
    await others.destroy(told.merchant_id, told.conversation_id, utc_now() + DAYS)
    with pytest.raises(KeyGone):
        await rights.desk.handlers.bot_turn(told)
    assert await marks(rights) == []


async def test_a_mark_ends_with_its_conversation_and_a_replay_does_not_bring_it_back(
    rights: Rights,
) -> None:
    begun = utc_now() - timedelta(days=40)
    told = await rights.desk.tells_bot(NORA, at=begun)

    async def ends() -> list[datetime]:
        return [row["expires_at"] for row in await marks(rights)]

    assert abs((await ends())[0] - (begun + DAYS)) < timedelta(seconds=1)
    await rights.desk.tells_bot(after=told, at=(later := begun + timedelta(days=20)))
    assert abs((await ends())[0] - (later + DAYS)) < timedelta(seconds=1)
    await rights.desk.handlers.bot_turn(told)
    await rights.desk.tells_bot("ida@kunde.example", after=told, at=begun)
    assert abs(max(await ends()) - (later + DAYS)) < timedelta(seconds=1), "never earlier"
    assert await found(rights, "email", NORA) == [told.conversation_id]
    past = {"$set": {"expires_at": utc_now() - timedelta(seconds=1)}}
    await rights.desk.db[MENTIONED.name].update_many({}, past)
    assert await found(rights, "email", NORA) == []
    await rights.desk.tells_bot(after=told)
    assert await found(rights, "email", NORA) == [], "what has ended is not prolonged"
    await rights.desk.db[MENTIONED.name].delete_many({})
    await rights.desk.tells_bot(NORA, at=utc_now() - DAYS)
    assert await marks(rights) == [], "what is past its end is not begun"


async def test_what_is_written_to_a_person_keeps_what_the_bot_was_told(rights: Rights) -> None:
    asked = await rights.desk.asks()
    await rights.desk.tells_bot(NORA, after=asked, at=utc_now() - timedelta(days=1))
    await rights.desk.writes(asked, Purpose.CASE)
    (row,) = await marks(rights)
    assert row["expires_at"] > utc_now() + DAYS - timedelta(minutes=1)


async def test_the_address_that_the_shop_signed_finds_a_conversation_without_a_case(
    rights: Rights,
) -> None:
    told = await rights.desk.tells_bot()
    await rights.desk.is_identified(told, Customer(sub="1", email="Ida@kunde.example"))
    await rights.desk.is_identified(told, Customer(sub="1", name="Nora Lie"))
    assert len(await marks(rights)) == 1
    path = await rights.identified("access", "ida@kunde.example")
    assert (await rights.shown(path))["conversations"] == [told.conversation_id]


async def test_of_another_shop_nothing_is_found(rights: Rights) -> None:
    await rights.desk.tells_bot(NORA, merchant_id="havsro")
    other = await rights.desk.add("dpo@havsro.example", Grant("havsro", frozenset({Role.DPO})))
    path = await rights.identified("access")
    assert (await rights.shown(path))["conversations"] == []
    answer: httpx.Response = await other.get(path)
    assert code(answer) == (404, "unknown_request")
