"""Who the shop says a visitor is lies sealed with the conversation, and goes with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from libs.contracts.bodies import Customer
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import VisitorIdentified
from libs.kit.clock import utc_now
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client
from libs.kit.outbox import Outbox
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.retention.customers import Customers
from services.retention.domain import Erasure
from services.retention.ledger import Ledger
from services.retention.receipts import Signer
from services.retention.store import RetentionStore
from tests.builders import NoBus, conversation_id
from tests.running import given_up

KEKS = {Purpose.CASE: b"c" * 32}
LONG = timedelta(days=90)


class Shop:
    """A conversation, and what the shop says of its visitor."""

    def __init__(self, client: Client) -> None:
        self.client, self.now = client, utc_now()
        self.ring = KeyRing(MongoKeyStore(client), KEKS)
        self.customers = Customers(client, self.ring, lambda: self.now)
        self.store = RetentionStore(client, lambda: self.now)
        self.conversation = conversation_id()

    async def says(self, name: str, at: datetime | None = None) -> None:
        whose, event_id, at = ("fjellbekk", self.conversation), uuid4(), at or self.now
        await self.ring.mint(*whose, Purpose.CASE, self.now + LONG)
        place = Place(*whose, event_id, "customer")
        sealed = await self.ring.seal(place, Purpose.CASE, Customer(sub="1", name=name))
        event = VisitorIdentified(
            event_id=event_id, merchant_id=whose[0], conversation_id=whose[1], occurred_at=at,
            customer=sealed,
        )  # fmt: skip
        await self.customers.keep(event, at + LONG)

    async def known(self) -> str | None:
        found = await self.customers.of("fjellbekk", self.conversation)
        return found.name if found else None

    async def row(self) -> str:
        return str(await self.store.db["conversations"].find_one({"_id": self.conversation}))


@pytest.fixture
async def shop(client: Client, house_env: Mapping[str, str]) -> Shop:
    made = Shop(client)
    await made.store.prepare()
    return made


async def test_the_newest_word_stays_however_they_come(shop: Shop) -> None:
    assert await shop.known() is None
    await shop.says("Kari Ny")
    await shop.says("Kari Gammel", shop.now - timedelta(minutes=5))
    assert await shop.known() == "Kari Ny"
    assert "Kari" not in await shop.row()
    shop.now += timedelta(minutes=1)
    await shop.says("Kari Nyest")
    assert await shop.known() == "Kari Nyest"


async def test_it_is_there_to_its_last_second_and_what_comes_later_is_not_kept(shop: Shop) -> None:
    await shop.says("Kari", shop.now - LONG)
    assert await shop.row() == "None"
    await shop.says("Kari")
    shop.now += LONG
    assert await shop.known() is None


async def test_without_its_key_nobody_is_named(shop: Shop) -> None:
    await shop.says("Kari")
    await shop.ring.destroy("fjellbekk", shop.conversation, shop.now + LONG)
    assert await shop.known() is None


async def test_an_erased_conversation_names_nobody_and_takes_no_word(
    shop: Shop, house_env: Mapping[str, str]
) -> None:
    await shop.says("Kari")
    outbox = Outbox(shop.store.db, NoBus())
    ledger = Ledger(shop.client, outbox, Signer(bytes(32)).sign, lambda: shop.now)
    async with given_up(house_env["MONGO_URL"]):
        await ledger.prepare()
        await ledger.begin("fjellbekk", shop.conversation, Erasure(uuid4(), "visitor", shop.now))
        await shop.says("Kari igjen")
        assert await shop.known() is None
        assert "customer" not in await shop.row()
