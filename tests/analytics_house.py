"""Analytics in the test's own process, and what the bot says in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, CASE, PRIVACY, VISITOR
from libs.contracts.visitor import MessageReceived
from libs.kit.clock import utc_now
from libs.kit.service import Service
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from tests.builders import message_received, sealed


async def said_in(ring: KeyRing, merchant: str, conversation: str, text: str) -> MessageReceived:
    """A visitor's message, sealed; its conversation has a key from then on."""
    await ring.mint(merchant, conversation, Purpose.DIALOGUE, utc_now() + timedelta(days=1))
    event = message_received(conversation, merchant_id=merchant, occurred_at=utc_now())
    body = await ring.seal(Place.of(event), Purpose.DIALOGUE, MessageBody(text=text))
    return event.model_copy(update={"message": body})


def bot_turn(message: MessageReceived) -> ReplyComposed:
    """The bot's answer to a message."""
    return ReplyComposed(
        event_id=uuid4(), merchant_id=message.merchant_id, occurred_at=utc_now(),
        conversation_id=message.conversation_id, cause_id=message.event_id,
        intent="track_parcel", language="nb", outcome=Outcome.ANSWERED, confidence=0.9,
        pack_version="test", message=sealed(),
    )  # fmt: skip


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """The service's bus and background work, without its ports."""
    for step in (*service.prepare, service.bus.start):
        await step()
    tasks = [asyncio.ensure_future(step()) for step in service.background]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await service.bus.stop()
    service.client.close()


async def forget_records() -> None:
    """No other service of the house knows the shops of these tests: it would bury all that they said.

    Called when nobody wants to read it again: afterwards the topics no longer have their beginning.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=CommonSettings().kafka_bootstrap.split(","))
    await admin.start()
    everything = {
        TopicPartition(topic.name, number): RecordsToDelete(before_offset=-1)
        for topic in (VISITOR, BOT, CASE, PRIVACY)
        for number in range(topic.partitions)
    }
    await admin.delete_records(everything)
    await admin.close()
