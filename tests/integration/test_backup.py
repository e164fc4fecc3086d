"""Yesterday's backup on a real store and broker: what was erased today does not come back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.backup import restoring, writing
from deploy.backup.ledger import Bus as LedgerBus
from deploy.backup.manifest import Moment
from deploy.kafka.groups import committed, listening, move, set_back
from deploy.local.errors import LocalFault
from deploy.local.places import Places
from deploy.local.store import LocalStore
from libs.contracts.sealed import Purpose
from libs.contracts.topics import VISITOR
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.keystore import KEYS, MongoKeyStore
from libs.kit.mongo import Client, connect, database, verify
from libs.kit.outbox import Outbox
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from services.retention.domain import Entry, Erasure, entry_of, recorded
from services.retention.ledger import Ledger as Erasures
from services.retention.receipts import Signer
from services.retention.store import RetentionStore
from tests.builders import NoBus, conversation_id, merchant, message_received

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

KEY = bytes(range(32))
DAY = timedelta(days=1)


def quietly(_step: str) -> None:
    """Says nothing."""


def entry(conversation: str) -> Entry:
    made = entry_of(message_received(conversation, occurred_at=utc_now()), merchant())
    assert made
    return made


class Room:
    """One store, with what retention keeps in it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.keys = MongoKeyStore(client)
        self.ring = KeyRing(self.keys, {Purpose.DIALOGUE: KEY})
        self.store = RetentionStore(client, utc_now)
        outbox = Outbox(self.store.db, NoBus())
        self.ledger = Erasures(client, outbox, Signer(KEY).sign, utc_now)

    async def prepare(self) -> None:
        await self.keys.prepare()
        await self.store.prepare()
        await self.ledger.prepare()

    async def talk(self) -> str:
        conversation = conversation_id()
        await self.ring.mint("fjellbekk", conversation, Purpose.DIALOGUE, utc_now() + 90 * DAY)
        assert [*(await self.store.append([entry(conversation)])).values()] == [1]
        return conversation

    async def has_key(self, conversation: str) -> bool:
        return await self.keys.find(conversation, Purpose.DIALOGUE) is not None

    async def messages(self, conversation: str) -> int:
        return len((await self.store.page(conversation, 0, 10)).messages)


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """A store of its own: a restore replaces all that there is."""
    store = LocalStore(Places.at(folder))
    await store.start()
    client = connect(store.url)
    yield Room(client)
    client.close()
    await store.stop()


async def back_up(source: Room, folder: Path, bus: LedgerBus, made_at: datetime) -> None:
    moment = Moment(ledger=await bus.position(), groups={})
    for holds in ("documents", "keys"):
        kept = writing.empty(holds, made_at, moment)
        await writing.write(source.client, folder / holds, kept, KEY, quietly)


async def restored(target: Room, folder: Path, bus: LedgerBus, now: datetime) -> restoring.Outcome:
    sources = [restoring.opened(folder / holds, holds, KEY, now) for holds in ("documents", "keys")]
    erasures = await bus.erasures_since(*(source.manifest.bus.ledger for source in sources))
    await restoring.check_empty(target.client)
    return await restoring.restore(target.client, sources, erasures, now, quietly)


async def erased_on_the_bus(conversation: str) -> Erasure:
    """What another retention says of an erasure; nothing of it is in the backup."""
    erasure = Erasure(uuid4(), "visitor", utc_now())
    bus = Bus(CommonSettings(), "retention")
    await bus.broker.connect()
    await bus.publish(recorded(erasure, "fjellbekk", conversation))
    await bus.broker.stop()
    return erasure


async def test_what_was_erased_after_the_backup_stays_away_and_what_has_ended(
    house_env: Mapping[str, str], tmp_path: Path
) -> None:
    bus = LedgerBus(house_env["KAFKA_BOOTSTRAP"])
    async with room(tmp_path / "old") as old, room(tmp_path / "new") as new:
        await old.prepare()
        kept, erased = await old.talk(), await old.talk()
        await back_up(old, tmp_path, bus, utc_now())
        erasure = await erased_on_the_bus(erased)

        outcome = await restored(new, tmp_path, bus, utc_now())
        await verify(database(new.client, "keys"), KEYS)
        await new.prepare()
        assert (outcome.keys, outcome.expired) == (1, 0)
        assert outcome.erased == 3, "a message, its conversation, its key"
        assert (await new.messages(kept), await new.has_key(kept)) == (1, True)
        assert (await new.messages(erased), await new.has_key(erased)) == (0, False)
        assert [*(await new.store.append([entry(kept)])).values()] == [2]
        assert await new.store.append([entry(erased)]) == {}, "late events are refused"
        await new.ring.mint("fjellbekk", erased, Purpose.DIALOGUE, utc_now() + DAY)
        assert not await new.has_key(erased), "no new key either"
        again = await new.ledger.find(erasure.erasure_id)
        assert again
        assert again.completed_at is None
        asked = await new.ledger.due(utc_now(), 1000)
        assert erasure.erasure_id in {event.erasure_id for event in asked}, "all are asked again"

        with pytest.raises(LocalFault, match="The store is not empty"):
            await restoring.check_empty(new.client)
        await restoring.clear(new.client)
        later = utc_now() + 91 * DAY
        await back_up(old, tmp_path / "later", bus, later - DAY)
        outcome = await restored(new, tmp_path / "later", bus, later)
        assert outcome.expired == 6, "two messages, their conversations, their keys"
        assert not await new.has_key(kept)


async def test_who_listens_is_known_and_set_back_when_gone(house_env: Mapping[str, str]) -> None:
    bootstrap = house_env["KAFKA_BOOTSTRAP"]
    name, seen = f"backup-{uuid4().hex}", asyncio.Queue[UUID]()

    async def handler(event: MessageReceived) -> None:
        seen.put_nowait(event.event_id)

    def listener(group: str = name) -> Bus:
        bus = Bus(CommonSettings(), "nlu")
        bus.subscribe(group, VISITOR, handlers={MessageReceived: handler})
        return bus

    async def heard(event: MessageReceived) -> None:
        async with asyncio.timeout(60):
            while await seen.get() != event.event_id:
                pass

    group, event = f"prat.nlu.{name}", message_received(conversation_id())
    first, other = listener(), listener(f"{name}-2")
    await first.start()
    await other.start()
    await first.publish(event)
    await heard(event)
    await heard(event)
    with pytest.raises(LocalFault, match=rf"Services still run: .*{group}.*, {group}-2"):
        await restoring.check_quiet(bootstrap, patience=0)
    await first.stop()
    await other.stop()
    assert group not in await listening(bootstrap)
    places = (await committed(bootstrap))[group]
    await move(bootstrap, group, set_back({group: places}, {})[group])
    second = listener()
    await second.start()
    await heard(event)
    await second.stop()
