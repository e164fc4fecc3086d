"""What the tests of nlu cook with: the demo's packs, trained once, and stand-ins that remember."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from libs.contracts.content import Language, PackPublished
from libs.contracts.envelope import Event
from services.nlu.dialogue import Dialogue, Finding, Turn, Understanding
from services.nlu.domain import errand, listen, respond
from services.nlu.entities import Entities
from services.nlu.language import LanguageDetector
from services.nlu.packs import load_folder
from services.nlu.store import Kept
from services.nlu.understanding import Brain, TopicModel, examples_of

PROJECT = Path(__file__).parents[3]
MERCHANTS = PROJECT / "deploy" / "demo" / "merchants"
FEEDS = PROJECT / "deploy" / "demo" / "shop" / "data"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("nb", "sv", "da", "fi", "en")


@cache
def demo_packs() -> dict[str, PackPublished]:
    """The demo merchants' packs."""
    return {pack.merchant_id: pack for pack in load_folder(MERCHANTS, {}, NOW)}


@cache
def trained() -> TopicModel:
    """The model of the starter pack; both demo merchants have the same examples."""
    return TopicModel(examples_of(demo_packs()["fjellbekk"].topics))


@cache
def brain(merchant_id: str = "fjellbekk") -> Brain:
    """A demo merchant's brain."""
    return Brain(demo_packs()[merchant_id], trained(), LanguageDetector())


def heard(intent: str, number: str | None = None, **found: bool) -> Understanding:
    """An understanding in Norwegian."""
    return Understanding("nb", intent, 0.9, Entities(order_number=number, **found))


@dataclass
class Chat:
    """A conversation with the rules alone: what is found is said by the test."""

    merchant_id: str = "fjellbekk"
    locale: str = "nb"
    known: Dialogue | None = None
    findings: dict[str, Finding] = field(default_factory=dict)

    def hear(self, understanding: Understanding, finding: Finding = None) -> Turn:
        """The turn on something understood."""
        pack = demo_packs()[self.merchant_id]
        dialogue = listen(self.known, self.locale, pack)
        turn = respond(dialogue, understanding, pack, finding, NOW)
        self.known = turn.dialogue
        return turn

    def say(self, text: str, finding: Finding = None) -> Turn:
        """The turn on a text."""
        pack = demo_packs()[self.merchant_id]
        language = listen(self.known, self.locale, pack).language
        return self.hear(brain(self.merchant_id).understand(text, language), finding)

    def errand_of(self, understanding: Understanding) -> object:
        """What would have to be found out first."""
        pack = demo_packs()[self.merchant_id]
        return errand(listen(self.known, self.locale, pack), understanding, pack)


class MemoryDialogues:
    """Dialogues in a dictionary, with the version check of the real store."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.ends: dict[str, datetime] = {}

    async def find(self, conversation_id: str) -> Kept | None:
        return self.kept.get(conversation_id)

    async def save(
        self, merchant_id: str, conversation_id: str, kept: Kept, expires_at: datetime
    ) -> bool:
        current = self.kept.get(conversation_id, Kept(kept.dialogue)).version
        if current != kept.version - 1:
            return False
        plain = replace(kept.dialogue, order_number=None)
        self.kept[conversation_id] = replace(kept, dialogue=plain)
        self.ends[conversation_id] = expires_at
        return True

    async def put_at_rest(self, conversation_id: str) -> None:
        kept = self.kept.get(conversation_id)
        if kept:
            calm = replace(kept.dialogue, awaiting=None, fallbacks=0, unknown_orders=0)
            self.kept[conversation_id] = replace(kept, dialogue=calm, version=kept.version + 1)

    async def delete(self, conversation_id: str) -> int:
        return int(self.kept.pop(conversation_id, None) is not None)


class MemoryBus:
    """Keeps what was published; may be told to fail once."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.error: Exception | None = None

    async def publish(self, event: Event) -> None:
        if self.error:
            error, self.error = self.error, None
            raise error
        self.events.append(event)


@dataclass
class Request:
    """What a shop was sent."""

    line: str
    headers: dict[str, str]
    body: bytes


Respond = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def shop_server(respond: Respond) -> AsyncIterator[tuple[str, list[Request]]]:
    """A real HTTP server on a free port; `respond` writes the answer, however wrong it is."""
    requests: list[Request] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            requests.append(Request(head[0], headers, body))
            await respond(requests[-1], writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller has had enough
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}", requests


def plainly(body: bytes, status: str = "200 OK") -> Respond:
    """Answers every request with the same body."""

    async def respond(_request: Request, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return respond
