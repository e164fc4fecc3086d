"""The console's interface without a bus, on a real store, and people who use it."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from argon2 import PasswordHasher

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import Customer, IntakeBody, MentionedBody, MessageBody, PageContext
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.envelope import ConversationEvent, Event
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.transcript import StoredMessage, TranscriptPage
from libs.contracts.visitor import HandoffRequested, MessageReceived, VisitorIdentified
from libs.kit.audit import Audit
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.errors import Refused, Unavailable
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Database, connect, database
from libs.kit.outbox import OUTBOX, Outbox
from libs.kit.transcript import Stretch, TranscriptClient
from libs.kit.tries import Tries
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.handoff.accounts import AccountStore, account_of
from services.handoff.agents import Agents, demo_agent
from services.handoff.blind import Blind
from services.handoff.doorway import Doorway
from services.handoff.handlers import HandoffHandlers
from services.handoff.notices import Notices
from services.handoff.rights import Agent, Grant
from services.handoff.rightsdesk.rooms import rights_desk
from services.handoff.rooms import case_rooms
from services.handoff.roster import Roster
from services.handoff.routes import console
from services.handoff.settings import HandoffSettings
from services.handoff.staff import Staff
from services.handoff.store import CaseStore
from services.handoff.texts import Texts
from services.handoff.witness import Witness
from tests.builders import NoBus, conversation_id, pack

CANARY = "Planted canary 4711 kari@kunde.example"
CUSTOMER = Customer(sub="kunde-1042", name="Kari Nordmann", email="ida@kunde.example")
KARI, PER, ELSA = "kari@fjellbekk.example", "per@fjellbekk.example", "elsa@havsro.example"
PASSWORDS = {KARI: "fjell-1", PER: "fjell-2", ELSA: "hav-1"}
KEKS = dict.fromkeys(Purpose, b"k" * 32)
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
BLIND = Blind(b"b" * 32)
OWN = {"x-prat-console": "1"}


class Shelf(TranscriptClient):
    """A transcript in memory that can be away."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "token")
        self.entries: list[StoredMessage] = []
        self.erased: list[tuple[str, str, str]] = []
        self.running: set[UUID] = set()
        self.corrected: list[tuple[Place, Sealed]] = []
        self.objections: dict[tuple[str, str], bool] = {}
        self.kept: dict[Place, tuple[Attachment, bytes]] = {}
        self.is_away = False
        self.page_size = 500

    async def page(self, conversation_id: str, after: int = 0) -> TranscriptPage:
        if self.is_away:
            raise Unavailable("retention")
        found = [e for e in self.entries if e.conversation_id == conversation_id and e.seq > after]
        return TranscriptPage(head=len(self.entries), messages=tuple(found[: self.page_size]))

    async def file(self, place: Place) -> tuple[Attachment, bytes]:
        if place not in self.kept:
            raise Refused(404, "unknown_attachment", "There is no such file.", "check the id.")
        return self.kept[place]

    async def files(self, conversation_id: str) -> list[Attachment]:
        mine = [place for place in self.kept if place.conversation_id == conversation_id]
        return [self.kept[place][0] for place in mine]

    async def erase(
        self,
        merchant_id: str,
        conversation_id: str,
        requested_by: str,
        erasure_id: UUID | None = None,
    ) -> UUID:
        self.erased.append((merchant_id, conversation_id, requested_by))
        self.running.add(made := uuid4())
        return made

    async def erasure(self, erasure_id: UUID) -> dict[str, object]:
        if self.is_away:
            raise Unavailable("retention")
        return {"done": erasure_id not in self.running}

    async def overview(self, merchant_id: str) -> dict[str, object]:
        return {"of": merchant_id}

    async def receipt(self, erasure_id: UUID) -> bytes:
        return json.dumps({"erasure_id": str(erasure_id), "merchant_id": "fjellbekk"}).encode()

    async def correct(self, place: Place, sealed: Sealed) -> None:
        self.corrected.append((place, sealed))

    async def set_objection(self, merchant_id: str, conversation_id: str, *, objects: bool) -> None:
        self.objections[merchant_id, conversation_id] = objects

    async def objects(self, conversation_id: str) -> bool:
        if self.is_away:
            raise Unavailable("retention")
        return self.objections.get(("fjellbekk", conversation_id), False)

    async def export(
        self, merchant_id: str, conversation_id: str, form: str, locale: str,
        people: Iterable[Stretch] = (),
    ) -> httpx.Response:  # fmt: skip
        said = f"{merchant_id} {conversation_id} {form} {locale} {[*people]}"
        return httpx.Response(200, text=said)


class Said:
    """A bus that remembers what was said on it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, event: Event) -> None:
        self.events.append(event)


@dataclass
class Clock:
    """The time, moved on by a test."""

    later: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.later


@dataclass
class Console:
    """A console without a bus, and the events that would have come over it."""

    app: Any
    db: Database
    ring: KeyRing
    handlers: HandoffHandlers
    agents: Agents
    audit: Audit
    bus: Said
    clock: Clock
    roster: Roster
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def notices(self) -> Notices:
        """Where open consoles are told of changes."""
        return self.handlers.notices

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://console", headers=OWN)

    async def logged_in(self, email: str = KARI, password: str = "") -> httpx.AsyncClient:
        browser = self.browser()
        form = {"email": email, "password": password or PASSWORDS[email]}
        assert (await browser.post("/api/login", json=form)).status_code == 200
        return browser

    async def add(self, email: str, *grants: Grant) -> httpx.AsyncClient:
        """A browser of somebody new, who was granted this."""
        person = Agent(email, email.partition("@")[0].title(), grants)
        await self.agents.set_account(email, account_of(person), "new-1")
        return await self.logged_in(email, "new-1")

    async def looks(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Who looked at which fields of cases, as the audit log has it, oldest first."""
        rows = await self.audit.entries({"case_id": {"$ne": ""}})
        return [(row["who"], row["what"], tuple(row["fields"])) for row in rows[::-1]]

    async def state(self) -> dict[str, list[Any]]:
        """Everything of cases that is kept: what a refused call must not change."""
        names = ("cases", "notes", OUTBOX.name)
        return {name: [row async for row in self.db[name].find().sort("_id", 1)] for name in names}

    async def asks(self, merchant_id: str = "fjellbekk", **fields: str) -> HandoffRequested:
        """A visitor fills in the form; the case's id is the only one in the queue of it."""
        conversation, event_id, ends = conversation_id(), uuid4(), utc_now() + timedelta(days=90)
        for purpose in Purpose:
            await self.ring.mint(merchant_id, conversation, purpose, ends)
        place = Place(merchant_id, conversation, event_id, "intake")
        given = {"order_number": "10482217", "description": CANARY} | fields
        form = IntakeBody(fields=given, customer=CUSTOMER, context=PageContext(product="Telt"))
        event = HandoffRequested(
            event_id=event_id, merchant_id=merchant_id, conversation_id=conversation,
            occurred_at=utc_now(), locale="nb", topic="track_parcel",
            intake=await self.ring.seal(place, Purpose.CASE, form),
        )  # fmt: skip
        await self.handlers.handoff_requested(event)
        return event

    async def tells_bot(
        self, *emails: str, order_numbers: tuple[str, ...] = (), merchant_id: str = "fjellbekk",
        after: ConversationEvent | None = None, at: datetime | None = None,
    ) -> ReplyComposed:  # fmt: skip
        """A visitor who never asks for a person tells the bot this, in a conversation of its own or later
        in the one of `after`; the bot's turn.
        """
        conversation, event_id = conversation_id(), uuid4()
        if after is None:
            ends = utc_now() + timedelta(days=90)
            await self.ring.mint(merchant_id, conversation, Purpose.DIALOGUE, ends)
        else:
            conversation, merchant_id = after.conversation_id, after.merchant_id
        place = Place(merchant_id, conversation, event_id)
        told = MentionedBody(emails=emails, order_numbers=order_numbers)
        there = replace(place, field="mentioned")
        is_told = bool(emails or order_numbers)
        event = ReplyComposed(
            event_id=event_id, merchant_id=merchant_id, conversation_id=conversation,
            occurred_at=at or utc_now(), intent="track_parcel", language="nb",
            outcome=Outcome.ANSWERED, confidence=0.9, pack_version="1",
            message=await self.ring.seal(place, Purpose.DIALOGUE, MessageBody(text="Takk!")),
            mentioned=await self.ring.seal(there, Purpose.DIALOGUE, told) if is_told else None,
        )  # fmt: skip
        await self.handlers.bot_turn(event)
        return event

    async def is_identified(self, after: ConversationEvent, customer: Customer) -> None:
        """The shop signs who the visitor of a conversation is."""
        event_id, ends = uuid4(), utc_now() + timedelta(days=365)
        whose = (after.merchant_id, after.conversation_id)
        await self.ring.mint(*whose, Purpose.CASE, ends)
        sealed = await self.ring.seal(Place(*whose, event_id, "customer"), Purpose.CASE, customer)
        await self.handlers.visitor_identified(VisitorIdentified(
            event_id=event_id, merchant_id=whose[0], conversation_id=whose[1],
            occurred_at=utc_now(), customer=sealed,
        ))  # fmt: skip

    async def writes(
        self,
        asked: HandoffRequested,
        purpose: Purpose = Purpose.CASE,
        text: str = CANARY,
    ) -> None:
        event_id, now = uuid4(), utc_now()
        place = Place(asked.merchant_id, asked.conversation_id, event_id)
        sealed = await self.ring.seal(place, purpose, MessageBody(text=text))
        fields: dict[str, Any] = {
            "merchant_id": asked.merchant_id, "conversation_id": asked.conversation_id,
        }  # fmt: skip
        self.shelf.entries.append(StoredMessage(
            message_id=event_id, seq=len(self.shelf.entries) + 1, author="visitor", sealed=sealed,
            sent_at=now, expires_at=now + timedelta(days=90), **fields,
        ))  # fmt: skip
        await self.handlers.message_received(MessageReceived(
            event_id=event_id, occurred_at=now, locale="nb", message=sealed, **fields,
        ))  # fmt: skip

    async def gives(self, asked: HandoffRequested, content: bytes) -> Attachment:
        """The visitor gives a file, as the gateway seals it."""
        file = Attachment(attachment_id=uuid4(), media_type="application/pdf", size=len(content))
        place = Place(asked.merchant_id, asked.conversation_id, file.attachment_id, "attachment")
        self.shelf.kept[place] = file, await self.ring.seal_file(place, Purpose.CASE, content)
        return file

    async def outbox(self, kind: str) -> list[str]:
        rows = self.db[OUTBOX.name].find().sort("_id", 1)
        return [row["event"] async for row in rows if f'"type":"{kind}"' in row["event"]]


@asynccontextmanager
async def open_console(url: str, folder: Path) -> AsyncIterator[Console]:
    """A console on the store at `url`, with nothing in it but three agents."""
    client, clock, bus = connect(url), Clock(), Said()
    db = database(client, "handoff")
    await client.drop_database(db.name)
    keys, outbox = MongoKeyStore(client), Outbox(db, NoBus())
    store, accounts, notices = CaseStore(client, outbox), AccountStore(client), Notices()
    roster, audit = Roster(client, outbox, now=clock), Audit(client, "handoff", b"k" * 32)
    agents, ring, shelf = Agents(accounts, QUICK), KeyRing(keys, KEKS), Shelf()
    (folder / "agents.json").write_text(json.dumps(PASSWORDS))
    content, staff = Packs(pack(), pack("havsro")), Staff(roster, notices, clock)
    doorway = Doorway(agents, content, notices, witness=Witness(audit, seconds=0), staff=staff)
    rooms = case_rooms(
        store, doorway, staff, ring=ring, content=content, transcript=shelf, bus=bus, now=clock
    )
    settings = HandoffSettings(handoff_mail_folder=folder / "mail", console_url="http://console")
    rights = rights_desk(
        client, content, settings, doorway=doorway, cases=store,
        texts=Texts(ring, shelf, store.notes), blind=BLIND, audit=audit,
        tries=Tries(accounts, clock), notices=notices, now=clock,
    )  # fmt: skip
    for part in (keys, store, accounts, roster, audit, rights):
        await part.prepare()
    assert await agents.seed(folder / "agents.json") == len(PASSWORDS)
    for email in PASSWORDS:
        await roster.beat(demo_agent(email))
    handlers = HandoffHandlers(store, ring, content, notices, roster, BLIND)
    app = console((*rooms, *rights.rooms))
    yield Console(app, db, ring, handlers, agents, audit, bus, clock, roster, shelf)
    await shelf.close()
    # What was not said here must not be said by a service that another test starts on this store.
    await client.drop_database(db.name)
    client.close()


async def only_case(browser: httpx.AsyncClient) -> str:
    (case,) = (await browser.get("/api/queue")).json()["waiting"]
    return str(case["case_id"])
