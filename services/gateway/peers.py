"""Several gateways: whoever reads an event hands it to the gateways that hold the visitor's sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from libs.contracts.envelope import ConversationEvent
from libs.contracts.topics import TOPICS, topic_for
from libs.kit.errors import Refused
from libs.kit.http import require_internal
from services.gateway.sessions import LiveSockets
from services.gateway.store import HOLDER_KEPT, SessionStore

TIMEOUT_SECONDS = 2.0
"""A peer that does not answer by then is passed over: its visitors resume from the transcript."""

ADAPTERS = {topic.name: topic.adapter() for topic in TOPICS}

Show = Callable[[ConversationEvent], Awaitable[None]]


@dataclass
class Peers:
    """This gateway among others; with `url` None it is the only one and asks nobody."""

    url: str | None
    token: str
    store: SessionStore
    sockets: LiveSockets
    instance: str = ""

    def __post_init__(self) -> None:
        """Names this process and prepares the connections."""
        self.instance = self.instance or uuid4().hex
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, headers={"authorization": f"Bearer {self.token}"}
        )
        self._log = structlog.get_logger()

    async def opened(self, conversation_id: str) -> None:
        """A socket of the conversation is open here."""
        if self.url:
            await self.store.hold(conversation_id, self.instance, self.url)

    async def closed(self, conversation_id: str) -> None:
        """The last socket of the conversation here has closed."""
        if self.url and not self.sockets.of(conversation_id):
            await self.store.release(conversation_id, self.instance)

    async def forward(self, event: ConversationEvent) -> None:
        """Hands an event to the other gateways that hold sockets of its conversation."""
        if not self.url:
            return
        urls = await self.store.holders(event.conversation_id, but=self.instance)
        await asyncio.gather(*(self._hand(url, event) for url in urls))

    async def renew(self) -> None:
        """Says again and again which conversations are held here; runs in the background."""
        while True:
            await asyncio.sleep(HOLDER_KEPT.total_seconds() / 3)
            for conversation_id in self.sockets.conversations():
                await self.opened(conversation_id)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    def routes(self, show: Show) -> list[BaseRoute]:
        """The internal door that other gateways hand events to."""

        async def take(request: Request) -> Response:
            require_internal(request, self.token)
            await show(_event(request.query_params.get("topic", ""), await request.body()))
            return Response(status_code=204)

        return [Route("/internal/events", take, methods=["POST"])]

    async def _hand(self, url: str, event: ConversationEvent) -> None:
        body = event.model_dump_json(exclude_none=True)
        topic = topic_for(event).name
        try:
            await self._http.post(f"{url}/internal/events", params={"topic": topic}, content=body)
        except httpx.HTTPError as error:
            self._log.warning("Another gateway does not answer.", error=type(error).__name__)


def _event(topic: str, body: bytes) -> ConversationEvent:
    if topic not in ADAPTERS:
        raise Refused(422, "unknown_topic", "There is no such topic.", "use the same version.")
    event = ADAPTERS[topic].validate_json(body)
    assert isinstance(event, ConversationEvent)
    return event
