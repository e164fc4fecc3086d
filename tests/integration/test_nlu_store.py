"""nlu's store on a real store: nothing personal in the clear, slow workers lose, the past is past."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deploy.local.stack import Stack
from libs.contracts.sealed import Sealed
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, connect, database
from services.nlu.dialogue.state import Dialogue
from services.nlu.domain import at_rest
from services.nlu.store import DIALOGUES, DialogueStore, Kept
from tests.builders import conversation_id, sealed

pytestmark = pytest.mark.connected

START = utc_now().replace(microsecond=0)
"""Not a fixed day: the server's own sweep would delete what is past in truth."""
TALK = Dialogue(
    "nb", "nb-NO", "da", 3, "track_parcel", "track_parcel", 1, "warranty",
    ("return_how", "return_cost"),
    "track_parcel", 1, 1, {"order_number": "10482217"}, "hvor er pakken",
)  # fmt: skip


@dataclass
class Room:
    """A store whose clock the test holds."""

    client: Client
    now: datetime = START
    conversation: str = field(default_factory=conversation_id)

    def __post_init__(self) -> None:
        self.store = DialogueStore(self.client, lambda: self.now)

    async def save(self, kept: Kept, days: int = 90) -> bool:
        """Saves until so many days after the start."""
        end = START + timedelta(days=days)
        return await self.store.save("fjellbekk", self.conversation, kept, end)

    async def find(self) -> Kept | None:
        """What is kept of the conversation."""
        return await self.store.find(self.conversation)


@pytest.fixture
async def room(stack: Stack) -> AsyncIterator[Room]:
    client = connect(stack.env["MONGO_URL"])
    room = Room(client)
    await room.store.prepare()
    yield room
    client.close()


def first(slots: Sealed | None = None) -> Kept:
    """The dialogue after its first message."""
    return Kept(TALK).after(uuid4(), TALK, slots)


async def test_what_is_saved_comes_back_without_the_number(room: Room) -> None:
    kept = first(sealed())
    assert await room.save(kept)
    found = await room.find()
    assert found == replace(kept, dialogue=replace(TALK, facts={}, question=None))
    assert found
    assert found.has_seen(UUID(kept.seen[0]))


async def test_the_stored_document_holds_no_number(room: Room) -> None:
    await room.save(first(sealed()))
    raw = await database(room.client, "nlu")[DIALOGUES.name].find_one({"_id": room.conversation})
    assert raw is not None
    assert "10482217" not in repr(raw)
    assert "pakken" not in repr(raw)
    assert set(raw) == {
        "_id", "merchant_id", "language", "locale", "leaning", "turns", "topic", "awaiting", "left", "paused",
        "choices", "offered", "fallbacks", "unknowns", "slots", "seen", "version", "expires_at",
    }  # fmt: skip


async def test_of_two_workers_the_slower_loses(room: Room) -> None:
    assert await room.save(first())
    read = await room.find()
    assert read
    assert await room.save(read.after(uuid4(), replace(TALK, turns=4), None))
    assert not await room.save(read.after(uuid4(), replace(TALK, turns=9), None))
    found = await room.find()
    assert found
    assert (found.dialogue.turns, found.version) == (4, 2)


async def test_of_two_first_messages_one_wins(room: Room) -> None:
    assert await room.save(first())
    assert not await room.save(first())


async def test_a_dialogue_at_rest_waits_for_nothing_and_outdates_its_readers(room: Room) -> None:
    await room.save(first())
    read = await room.find()
    await room.store.put_at_rest(room.conversation)
    found = await room.find()
    assert read
    assert found
    assert found.dialogue == at_rest(replace(TALK, facts={}))
    assert found.dialogue.topic == "track_parcel"
    assert not await room.save(read.after(uuid4(), TALK, None))


async def test_a_topic_that_a_human_solved_is_left_and_another_is_not(room: Room) -> None:
    await room.save(first())
    for solved, topic in (("return_how", "track_parcel"), ("track_parcel", None)):
        await room.store.put_at_rest(room.conversation, solved)
        found = await room.find()
        assert found
        assert found.dialogue.topic == topic


async def test_what_an_older_version_stored_is_read(room: Room) -> None:
    await room.save(first())
    stored = database(room.client, "nlu")[DIALOGUES.name]
    newer = {"left": "", "paused": "", "choices": "", "offered": "", "unknowns": ""}
    await stored.update_one({"_id": room.conversation}, {"$unset": newer})
    found = await room.find()
    assert found
    assert (found.dialogue.choices, found.dialogue.awaiting) == ((), "track_parcel")


async def test_what_is_not_there_is_not_made(room: Room) -> None:
    await room.store.put_at_rest(room.conversation)
    assert await room.find() is None
    gone = replace(first(), version=7)
    assert not await room.save(gone), "an erased dialogue does not come back by a late save"
    assert await room.find() is None


async def test_what_is_past_its_time_is_not_there(room: Room) -> None:
    await room.save(first(), days=60)
    room.now = START + timedelta(days=60)
    assert await room.find() is None
    assert await room.save(first(), days=120), "and does not stand in the way of a new one"
    assert await room.find()


async def test_deleting_counts_and_may_happen_twice(room: Room) -> None:
    await room.save(first())
    assert [await room.store.delete(room.conversation) for _ in range(2)] == [1, 0]
    assert await room.find() is None
