"""What the tests of nlu cook with: the demo's packs, trained once, and stand-ins that remember."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from deploy.encoder.places import encoder_folder, learned_folder
from deploy.local.places import Places
from libs.contracts.content import Language, PackPublished
from libs.contracts.envelope import Event
from services.nlu.content.packs import load_folder
from services.nlu.dialogue.moves import Move
from services.nlu.dialogue.phrases import tokens_of
from services.nlu.dialogue.state import Dialogue, Errand, Finding, Turn, Understanding
from services.nlu.domain import at_rest, consider, hear, listen, respond
from services.nlu.reading.entities import Entities, Entity, find_entities
from services.nlu.reading.language import LanguageDetector
from services.nlu.settings import NluSettings
from services.nlu.store import Kept
from services.nlu.understanding.brain import Brain, TopicModel, examples_of, tests_of
from services.nlu.understanding.embeddings import embeddings_for
from services.nlu.understanding.kept import Lessons
from tests.unit.nlu.menu import OWN_TOPICS

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
    """The model of the starter pack, with the encoder where `prat init` built it."""
    topics, cache = demo_packs()["fjellbekk"].topics, Places.at().cache
    settings = NluSettings(
        nlu_encoder_folder=encoder_folder(cache), nlu_cache_folder=learned_folder(cache)
    )
    lessons = Lessons(embeddings_for(settings), learned_folder(cache))
    return lessons.model(examples_of(topics), tests_of(topics))


@cache
def brain(merchant_id: str = "fjellbekk") -> Brain:
    """A demo merchant's brain."""
    return Brain(demo_packs()[merchant_id], trained(), LanguageDetector())


def heard(intent: str, number: str | None = None, **more: Any) -> Understanding:
    """An understanding in Norwegian; `more` are its other fields, or those of its entities."""
    orders = (Entity("order_number", number, 0, len(number)),) if number else ()
    flags = {name: more.pop(name) for name in ("number_like", "other_order") if name in more}
    found = Entities(more.pop("found", orders), **flags)
    return Understanding("nb", intent, 0.9, entities=found, **more)


@dataclass(frozen=True)
class Parrot:
    """A bot that understands the words of its pack and nothing else; quick, and the same each time."""

    pack: PackPublished

    @property
    def detector(self) -> LanguageDetector:
        """The real one."""
        return detector()

    def understand(self, text: str, prior: Language) -> Understanding:
        """The topic whose example or title this is; `fallback` otherwise."""
        topic = said_by(self.pack.merchant_id).get(tokens_of(text), "fallback")
        sure = 1.0 if topic != "fallback" else 0.2
        language = detector().language(text, prior, self.pack.merchant.languages)
        return Understanding(language, topic, sure, entities=find_entities(text, "[0-9]{8}"))


@cache
def detector() -> LanguageDetector:
    """The detector of languages, loaded once."""
    return LanguageDetector()


@cache
def said_by(merchant_id: str) -> dict[tuple[str, ...], str]:
    """Every example and title of a merchant's topics, and the topic that it belongs to."""
    return {
        tokens_of(text): topic.key
        for topic in (*demo_packs()[merchant_id].topics, *OWN_TOPICS)
        for texts in (tuple(topic.title.values()), *topic.examples.values())
        for text in texts
    }


@cache
def menu() -> PackPublished:
    """Fjellbekk's pack with topics of its own: one that asks its own system, one that asks for text."""
    pack = demo_packs()["fjellbekk"]
    topics = tuple(sorted((*pack.topics, *OWN_TOPICS), key=lambda topic: topic.key))
    return pack.model_copy(update={"topics": topics, "pack_version": "menu"})


@dataclass
class Chat:
    """A conversation with the rules alone: what is found is said by the test."""

    merchant_id: str = "fjellbekk"
    locale: str = "nb"
    known: Dialogue | None = None
    pack: PackPublished | None = None
    now: datetime = NOW
    online: dict[str, int] | None = None

    def move(self, understanding: Understanding) -> Move:
        """What something understood does."""
        return consider(self.before(), understanding, self.content, self.now, self.online)

    def hear(self, understanding: Understanding, finding: Finding = None) -> Turn:
        """The turn on something understood."""
        turn = respond(self.move(understanding), finding)
        self.known = turn.dialogue
        return turn

    def say(self, text: str, finding: Finding = None) -> Turn:
        """The turn on a text."""
        return self.hear(self.understood(text), finding)

    def understood(self, text: str) -> Understanding:
        """What a bot that knows its pack's own words makes of a text."""
        return hear(Parrot(self.content), self.before(), text)

    def errand_of(self, understanding: Understanding) -> Errand:
        """What would have to be found out first."""
        return self.move(understanding).errand

    @property
    def content(self) -> PackPublished:
        """The pack."""
        return self.pack or demo_packs()[self.merchant_id]

    def before(self) -> Dialogue:
        """The dialogue before the next message."""
        return listen(self.known, self.locale, self.content)


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
        plain = replace(kept.dialogue, facts={}, question=None)
        self.kept[conversation_id] = replace(kept, dialogue=plain)
        self.ends[conversation_id] = expires_at
        return True

    async def put_at_rest(self, conversation_id: str, solved: str | None = None) -> None:
        kept = self.kept.get(conversation_id)
        if kept:
            calm = at_rest(kept.dialogue, solved)
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
