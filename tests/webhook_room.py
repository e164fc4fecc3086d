"""Case webhooks of one shop on a real store, and the shop's help desk at the other end."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.contracts.case import CaseAssigned, CaseClosed, CaseQueued, QueueChanged
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose
from libs.kit.clock import LONG_AGO, utc_now
from libs.kit.mongo import Client, Session, database, in_transaction
from libs.kit.outbound import Outbound
from services.handoff.case import Case
from services.handoff.webhook_lanes import LANES
from services.handoff.webhook_store import (
    DEAD,
    DELIVERED,
    WAITING,
    Delivery,
    WebhookStore,
)
from services.handoff.webhooks import Webhooks
from tests.builders import NOW, sealed
from tests.unit.nlu.kitchen import Request, plainly, shop_server

HERE = frozenset({"127.0.0.1"})
PATIENCE = 20.0


@dataclass
class HelpDesk:
    """The shop's help desk: answers as told, and remembers what it was sent."""

    status: Mapping[str, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def respond(self, request: Request, writer: asyncio.StreamWriter) -> None:
        async with self.news:
            self.requests.append(request)
            self.news.notify_all()
        await self.gate.wait()
        status = self.status.get(request.headers["webhook-id"], 204)
        await plainly(b"", f"{status} Said")(request, writer)

    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE), self.news:
            await self.news.wait_for(lambda: len(self.requests) >= count)


@dataclass
class Room:
    """Webhooks of one merchant, and a clock that is set by hand."""

    client: Client
    store: WebhookStore
    secrets: Path
    url: str = ""
    clock: list[timedelta] = field(default_factory=lambda: [timedelta(0)])
    ways_out: list[Outbound] = field(default_factory=list)

    def outbound(self, hosts: frozenset[str] = HERE) -> Outbound:
        self.ways_out.append(Outbound(hosts))
        return self.ways_out[-1]

    def now(self) -> datetime:
        return utc_now() + self.clock[0]

    def webhooks(self, hosts: frozenset[str] = HERE, owner: str | None = None) -> Webhooks:
        return Webhooks(
            self.store, self.outbound(hosts), lambda _: self.url or None, self.secret,
            console_url="https://chat.example", owner=owner,
        )  # fmt: skip

    def secret(self, merchant_id: str) -> str:
        return (self.secrets / f"webhook-{merchant_id}.secret").read_text().strip()

    async def tell(self, case: Case, *events: Event) -> list[str]:
        """Commits events as the case store does; the ids of those that are told."""
        teller = self.webhooks()

        async def work(session: Session) -> None:
            await teller.tell(session, case, events)

        await in_transaction(self.client, work)
        return [str(event.event_id) for event in events]

    async def states(self) -> list[tuple[str, str | None]]:
        found = await self.store.find(None, [WAITING, DELIVERED, DEAD])
        return [(delivery.state, delivery.problem) for delivery in found]

    async def until(self, expected: Sequence[tuple[str, str | None]]) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.states() != list(expected):
                await asyncio.sleep(0.02)

    async def settled(self, tries: int = 1) -> None:
        """Returns when the first waiting notice was tried so often, and its lane was given back."""
        lanes = database(self.client, "handoff")[LANES.name]
        async with asyncio.timeout(PATIENCE):
            while (await self.store.find(None, [WAITING]))[0].tries < tries or (
                await lanes.count_documents({"leased_until": {"$gt": LONG_AGO}})
            ):
                await asyncio.sleep(0.01)


@pytest.fixture
async def room(
    client: Client, house_env: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    # The clock is set by hand: whoever looks at it each second would be waited for.
    monkeypatch.setattr("services.handoff.webhooks.IDLE_SECONDS", 0.05)
    db = database(client, "handoff")
    await client.drop_database(db.name)
    room = Room(client, WebhookStore(client), Path(house_env["PRAT_SECRETS_DIR"]))
    room.store = WebhookStore(client, room.now)
    await room.store.prepare()
    yield room
    for way in room.ways_out:
        await way.close()


@pytest.fixture
async def desk(room: Room) -> AsyncIterator[HelpDesk]:
    desk = HelpDesk()
    desk.gate.set()
    async with shop_server(desk.respond) as (url, _):
        room.url = f"{url}/cases"
        yield desk
        desk.gate.set()


@asynccontextmanager
async def sending(*senders: Webhooks) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(sender.deliver()) for sender in senders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


def head(case: Case, version: int) -> dict[str, Any]:
    return {
        "event_id": uuid4(), "merchant_id": case.merchant_id, "occurred_at": NOW,
        "conversation_id": case.conversation_id, "case_id": case.case_id, "version": version,
    }  # fmt: skip


def life_of(case: Case) -> list[Event]:
    """Everything that happens to a case, told or not."""
    return [
        CaseQueued(**head(case, 1), skill="general", topic="x", position=1, open_now=True),
        QueueChanged(
            event_id=uuid4(),
            merchant_id=case.merchant_id,
            occurred_at=NOW,
            skill="general",
            places=(),
        ),
        CaseAssigned(**head(case, 2), agent=sealed(Purpose.CASE), waited_seconds=1),
        CaseClosed(**head(case, 3), reason="solved", handled_seconds=2),
    ]


def first_three(case: Case) -> list[Event]:
    return [event for event in life_of(case) if not isinstance(event, QueueChanged)]


def sent_by_case(desk: HelpDesk) -> dict[UUID, list[str]]:
    """The ids that were sent of each case, in order."""
    sent: dict[UUID, list[str]] = {}
    for request in desk.requests:
        data = json.loads(request.body)["data"]
        sent.setdefault(UUID(data["case_id"]), []).append(data["event_id"])
    return sent


async def only(room: Room) -> Delivery:
    (delivery,) = await room.store.find(None, [WAITING, DELIVERED, DEAD])
    return delivery
