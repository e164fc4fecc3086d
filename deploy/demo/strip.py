"""The event strip: shows a demo visitor which events of their conversation pass over the bus.

Only the heads of events leave this process, built by allow-list: what an event says stays sealed
on the bus, and a field that nobody thought of stays in.
"""

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

import structlog
import typer
import uvicorn
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.demo.shop.settings import Origin
from libs.contracts.envelope import ConversationId, MerchantId
from libs.contracts.topics import TOPICS, Topic

KEPT_HEADS = 200
KEPT_SECONDS = 900.0
KEPT_CONVERSATIONS = 5_000
RECONNECT_SECONDS = 1.0
PING_SECONDS = 15
GRACE_SECONDS = 2

Head = dict[str, str]
log = structlog.get_logger()


class StripSettings(BaseSettings):
    """What the strip reads from its environment."""

    model_config = SettingsConfigDict(env_prefix="PRAT_")

    host: str = Field("127.0.0.1", description="The address that the strip listens on.")
    kafka_bootstrap: str = Field(
        "127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP", description="The broker's address."
    )
    shop_fjellbekk_url: Origin = Field(
        "http://127.0.0.1:8080", description="The first shop that may listen (CORS)."
    )
    shop_havsro_url: Origin = Field(
        "http://127.0.0.1:8081", description="The second shop that may listen (CORS)."
    )


class _Envelope(BaseModel):
    """The allow-list; each field is narrow enough that no visitor's text fits into it."""

    model_config = ConfigDict(extra="ignore")

    event_id: UUID
    type: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{0,63}$")]
    merchant_id: MerchantId
    conversation_id: ConversationId
    occurred_at: datetime


class _Asked(BaseModel):
    conversation: ConversationId


def head_of(topic: Topic, value: bytes | None) -> tuple[str, Head] | None:
    """The conversation of a record and the head to show; None for records of no conversation."""
    try:
        envelope = _Envelope.model_validate_json(value or b"")
    except ValidationError:
        return None
    known = {event_type.__name__ for event_type in topic.event_types}
    if envelope.type not in known:
        return None
    head = {
        "time": envelope.occurred_at.isoformat(timespec="milliseconds"),
        "topic": topic.name,
        "service": topic.writer,
        "type": envelope.type,
        "event_id": str(envelope.event_id),
    }
    return envelope.conversation_id, head


class Strip:
    """The latest heads of each conversation, in memory only, and those who listen to them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._heads: OrderedDict[str, deque[tuple[float, Head]]] = OrderedDict()
        self._listeners: dict[str, set[asyncio.Queue[Head]]] = {}

    def add(self, conversation: str, head: Head) -> None:
        """Keep a head and pass it to everybody who listens to its conversation."""
        self._forget_old()
        heads = self._heads.setdefault(conversation, deque(maxlen=KEPT_HEADS))
        heads.append((self._clock(), head))
        self._heads.move_to_end(conversation)
        for queue in self._listeners.get(conversation, ()):
            # A browser that does not read loses heads; memory stays bounded.
            with suppress(asyncio.QueueFull):
                queue.put_nowait(head)

    def kept(self, conversation: str) -> list[Head]:
        """The heads of a conversation that are still young enough, oldest first."""
        since = self._clock() - KEPT_SECONDS
        return [head for at, head in self._heads.get(conversation, ()) if at >= since]

    async def follow(self, conversation: str) -> AsyncGenerator[Head, None]:
        """What is kept, then what comes, until the listener goes away."""
        queue: asyncio.Queue[Head] = asyncio.Queue(KEPT_HEADS)
        self._listeners.setdefault(conversation, set()).add(queue)
        try:
            for head in self.kept(conversation):
                yield head
            while True:
                yield await queue.get()
        finally:
            self._listeners[conversation].discard(queue)
            if not self._listeners[conversation]:
                del self._listeners[conversation]

    def _forget_old(self) -> None:
        since = self._clock() - KEPT_SECONDS
        while self._heads and (
            len(self._heads) > KEPT_CONVERSATIONS or next(iter(self._heads.values()))[-1][0] < since
        ):
            self._heads.popitem(last=False)


async def read_bus(bootstrap: str, strip: Strip) -> None:
    """Read all topics from now on, for as long as the process lives; a lost broker is met again."""
    while True:
        # No consumer group and no libs.kit bus: every strip shows everything, from the moment that
        # it starts, and must leave no offsets, inbox rows or dead letters in the house.
        try:
            async with AIOKafkaConsumer(
                *(topic.name for topic in TOPICS),
                bootstrap_servers=bootstrap,
                group_id=None,
                auto_offset_reset="latest",
                enable_auto_commit=False,
            ) as consumer:
                log.info("strip reads the bus")
                await _read(consumer, strip)
        except (KafkaError, OSError) as exc:
            log.warning("strip lost the bus", error=type(exc).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)


async def _read(consumer: Any, strip: Strip) -> None:
    topics = {topic.name: topic for topic in TOPICS}
    async for record in consumer:
        found = head_of(topics[record.topic], record.value)
        if found is not None:
            strip.add(*found)


async def _messages(strip: Strip, conversation: str) -> AsyncIterator[dict[str, str]]:
    async with aclosing(strip.follow(conversation)) as heads:
        async for head in heads:
            yield {"id": head["event_id"], "data": json.dumps(head)}


def create_app(settings: StripSettings, strip: Strip) -> Starlette:
    """The strip's HTTP side; `read_bus` runs as long as the application does."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        reader = asyncio.create_task(read_bus(settings.kafka_bootstrap, strip))
        yield
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader

    async def events(request: Request) -> Response:
        try:
            asked = _Asked.model_validate(dict(request.query_params))
        except ValidationError:
            error = "Ask for /events?conversation=ID with the id that the chat widget tells."
            return JSONResponse({"error": "malformed", "message": error}, 400)
        return EventSourceResponse(_messages(strip, asked.conversation), ping=PING_SECONDS)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    shops = [settings.shop_fjellbekk_url, settings.shop_havsro_url]
    return Starlette(
        routes=[Route("/events", events), Route("/healthz", healthz)],
        middleware=[Middleware(CORSMiddleware, allow_origins=shops, allow_methods=["GET"])],
        lifespan=lifespan,
    )


def main(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8093,
) -> None:
    """Show the heads of bus events per conversation: GET /events?conversation=ID (server-sent).

    Environment: KAFKA_BOOTSTRAP, PRAT_SHOP_FJELLBEKK_URL and PRAT_SHOP_HAVSRO_URL (the only pages
    that may listen), PRAT_HOST (default 127.0.0.1).
    """
    settings = StripSettings()
    uvicorn.run(
        create_app(settings, Strip()),
        host=settings.host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    typer.run(main)
