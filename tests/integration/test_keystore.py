"""Keys on a real store, by a clock that a test turns: the ninety days, and clocks that are wrong."""

from datetime import datetime, timedelta

import pytest

from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Purpose, Sealed
from libs.kit.clock import utc_now
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KEY_BYTES, KeyGone, Place
from tests.builders import conversation_id, message_received

pytestmark = pytest.mark.connected

DAYS_90, HOUR, DAY = timedelta(days=90), timedelta(hours=1), timedelta(days=1)
BODY = MessageBody(text="Hvor er pakken min?")


class Reader:
    """A process that opens what it is given, with a clock of its own."""

    def __init__(self, client: Client) -> None:
        self.now = utc_now()
        self.ring = KeyRing(
            MongoKeyStore(client, self._clock), {Purpose.DIALOGUE: bytes(KEY_BYTES)}
        )

    def _clock(self) -> datetime:
        return self.now

    async def reads(self, place: Place, sealed: Sealed, at: datetime) -> bool:
        """Whether it can open something at a moment, remembering nothing from before."""
        self.now = at
        self.ring.forget(place.conversation_id)
        try:
            return await self.ring.open(place, sealed, MessageBody) == BODY
        except KeyGone:
            return False


async def test_a_key_opens_for_ninety_days_and_not_a_moment_longer(client: Client) -> None:
    reader, conversation = Reader(client), conversation_id()
    sent, place = reader.now, Place.of(message_received(conversation))
    await MongoKeyStore(client).prepare()
    await reader.ring.mint("fjellbekk", conversation, Purpose.DIALOGUE, sent + DAYS_90)
    sealed = await reader.ring.seal(place, Purpose.DIALOGUE, BODY)
    assert await reader.reads(place, sealed, sent + DAYS_90 - HOUR)
    assert await reader.reads(place, sealed, sent + DAYS_90 - timedelta(milliseconds=2))
    assert not await reader.reads(place, sealed, sent + DAYS_90)
    # A clock a day ahead hides too early, and takes nothing away: who is right reads on.
    assert not await reader.reads(place, sealed, sent + DAYS_90 - HOUR + DAY)
    assert await reader.reads(place, sealed, sent + DAYS_90 - HOUR)
