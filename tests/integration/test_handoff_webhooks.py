"""Case webhooks on a real store and over real HTTP: in order, at least once, only where we may."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from libs.contracts.case import CaseAssigned, CaseClosed, CaseEvent, CaseQueued, QueueMoved
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Client, Session, database, in_transaction
from libs.kit.outbound import Outbound
from services.handoff.case import Case
from services.handoff.webhook_notice import MOST_TRIES
from services.handoff.webhook_store import (
    COLLECTIONS,
    DEAD,
    DELIVERED,
    LANES,
    LEASE,
    LONG_AGO,
    WAITING,
    Delivery,
    WebhookStore,
)
from services.handoff.webhooks import Webhooks, case_urls
from tests.builders import NOW, pack, sealed
from tests.unit.handoff.builders import waiting_case
from tests.unit.nlu.kitchen import Request, plainly, shop_server

pytestmark = pytest.mark.connected

HERE = frozenset({"127.0.0.1"})
PATIENCE = 20.0
SENDER = Path(__file__).parents[1] / "fixtures" / "webhook_sender.py"


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
async def room(client: Client, house_env: Mapping[str, str]) -> AsyncIterator[Room]:
    db = database(client, "handoff")
    for collection in COLLECTIONS:
        await db[collection.name].drop()
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


def life_of(case: Case) -> list[CaseEvent]:
    """Everything that happens to a case, told or not."""
    return [
        CaseQueued(**head(case, 1), skill="general", topic="x", position=1, open_now=True),
        QueueMoved(**head(case, 1), position=1),
        CaseAssigned(**head(case, 2), agent=sealed(Purpose.CASE), waited_seconds=1),
        CaseClosed(**head(case, 3), reason="solved", handled_seconds=2),
    ]


def first_three(case: Case) -> list[CaseEvent]:
    return [event for event in life_of(case) if not isinstance(event, QueueMoved)]


async def test_a_case_is_told_from_its_beginning_to_its_end(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    queued, moved, assigned, closed = await room.tell(case, *life_of(case))
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)] * 3)
    assert desk.ids() == [queued, assigned, closed]
    assert moved not in desk.ids()
    bodies = [json.loads(request.body) for request in desk.requests]
    assert [body["type"] for body in bodies] == ["case.queued", "case.assigned", "case.closed"]
    assert {body["data"]["topic"] for body in bodies} == {case.topic}
    assert {body["data"]["link"] for body in bodies} == {
        f"https://chat.example/#case/{case.case_id}"
    }


async def test_the_signature_is_one_that_the_public_library_takes(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    async with sending(room.webhooks()):
        await desk.until(1)
    (request,) = desk.requests
    assert request.line == "POST /cases HTTP/1.1"
    right = Webhook(room.secret("fjellbekk"))
    assert right.verify(request.body, request.headers)["type"] == "case.queued"
    for wrong, body in ((room.secret("havsro"), request.body), (room.secret("fjellbekk"), b"{}")):
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong).verify(body, request.headers)


async def test_what_is_not_committed_is_never_told(room: Room, desk: HelpDesk) -> None:
    case, teller = waiting_case(), room.webhooks()

    async def fails(session: Session) -> None:
        await teller.tell(session, case, life_of(case))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await in_transaction(room.client, fails)
    assert await room.states() == []
    assert await database(room.client, "handoff")[LANES.name].count_documents({}) == 0


async def test_a_merchant_without_an_address_is_told_nothing(room: Room) -> None:
    case = waiting_case()
    await room.tell(case, *life_of(case))
    assert await room.states() == []


async def test_a_conversation_waits_for_its_first_notice_and_the_others_do_not(
    room: Room, desk: HelpDesk
) -> None:
    first, other = waiting_case(), waiting_case()
    events = first_three(first)
    ids = await room.tell(first, *events)
    desk.status = {ids[0]: 503}
    others = await room.tell(other, *first_three(other))
    async with sending(room.webhooks()):
        await room.until(
            [(WAITING, "status_503"), *[(WAITING, None)] * 2, *[(DELIVERED, None)] * 3]
        )
        assert [one for one in desk.ids() if one in ids] == [ids[0]]
        assert [one for one in desk.ids() if one in others] == others
        await room.settled()
        desk.status = {}
        room.clock[0] = timedelta(seconds=59)
        await room.tell(other, *first_three(other))
        await desk.until(7)
        assert desk.ids().count(ids[0]) == 1, "tried again within a minute"
        room.clock[0] = timedelta(seconds=75)
        await room.until([(DELIVERED, None)] * 9)
    assert [one for one in desk.ids() if one in ids] == [ids[0], *ids]


async def test_after_the_last_try_a_notice_is_given_up_and_the_next_is_sent(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    ids = await room.tell(case, *first_three(case)[:2])
    desk.status = {ids[0]: 500}
    async with sending(room.webhooks()):
        for tries in range(1, MOST_TRIES):
            await desk.until(tries)
            await room.until([(WAITING, "status_500"), (WAITING, None)])
            await room.settled(tries)
            room.clock[0] += timedelta(days=1)
        await room.until([(DEAD, "status_500"), (DELIVERED, None)])
    assert desk.ids() == [ids[0]] * MOST_TRIES + [ids[1]]


async def test_what_was_given_up_is_replayed_under_its_id(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    (told,) = await room.tell(case, life_of(case)[0])
    await room.store.note(await only(room), DEAD, "status_500")
    async with sending(room.webhooks()):
        await room.store.replay(await only(room))
        await room.until([(DELIVERED, None)])
    assert desk.ids() == [told]


async def test_410_stops_everything_until_it_is_replayed(room: Room, desk: HelpDesk) -> None:
    case, other = waiting_case(), waiting_case()
    ids = await room.tell(case, *first_three(case)[:2])
    desk.status = {ids[0]: 410}
    async with sending(room.webhooks()):
        await room.until([(DEAD, "status_410"), (DEAD, "stopped")])
        await room.tell(other, life_of(other)[0])
        await room.until([(DEAD, "status_410"), (DEAD, "stopped"), (DEAD, "stopped")])
        assert len(desk.requests) == 1
        desk.status = {}
        for delivery in await room.store.find(None, [DEAD]):
            await room.store.replay(delivery)
        await room.until([(DELIVERED, None)] * 3)
    assert desk.ids()[:2] == [ids[0], ids[0]]


async def test_a_new_address_is_asked_although_the_old_one_has_stopped(
    room: Room, desk: HelpDesk
) -> None:
    await room.store.stop("fjellbekk", "https://old.example/cases")
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)])


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:1/", "not_https"), ("https://127.0.0.1/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("https://[::1]/", "private_address"), ("https://10.0.0.8/", "private_address"),
        ("https://2130706433/", "private_address"), ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("http://shop.example/", "not_https"), ("file:///etc/passwd", "not_https"),
        ("https://user:pw@shop.example/", "not_https"),
    ],
)  # fmt: skip
async def test_addresses_that_are_not_called(room: Room, url: str, problem: str) -> None:
    room.url = url
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    async with sending(room.webhooks(frozenset())):
        await room.until([(DEAD, problem)])


async def test_this_machine_is_called_only_where_the_settings_name_it(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    async with sending(room.webhooks(frozenset({"localhost"}))):
        await room.until([(DEAD, "not_https")])
    assert desk.requests == []


async def test_a_redirect_is_refused_and_tried_again_later(room: Room) -> None:
    async def away(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 307 Away\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
        )

    async with shop_server(away) as (url, requests):
        room.url = url
        case = waiting_case()
        await room.tell(case, life_of(case)[0])
        async with sending(room.webhooks()):
            await room.until([(WAITING, "status_307")])
        assert len(requests) == 1


async def test_without_a_secret_nothing_is_sent_and_nothing_lost(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])

    def missing(_: str) -> str:
        raise ConfigurationError("missing", "run `prat init`.")

    for tries, secret_of in enumerate((missing, lambda _: "whsec_?"), 1):
        sender = Webhooks(
            room.store, room.outbound(), lambda _: room.url, secret_of, console_url=""
        )
        async with sending(sender):
            await room.settled(tries)
            assert await room.states() == [(WAITING, "no_secret")]
        room.clock[0] += timedelta(minutes=10)
    assert desk.requests == []


async def test_two_processes_send_everything_once_and_in_order(room: Room, desk: HelpDesk) -> None:
    cases = [waiting_case() for _ in range(12)]
    ids = {case.case_id: await room.tell(case, *first_three(case)) for case in cases}
    async with sending(room.webhooks(), room.webhooks()):
        await room.until([(DELIVERED, None)] * 36)
        async with asyncio.timeout(PATIENCE):
            while await database(room.client, "handoff")[LANES.name].count_documents({}):
                await asyncio.sleep(0.02)
    assert sent_by_case(desk) == ids


async def test_a_help_desk_that_hangs_does_not_keep_another_shop_waiting(room: Room) -> None:
    hanging, quick = HelpDesk(), HelpDesk()
    quick.gate.set()
    slow = [waiting_case() for _ in range(20)]
    case = waiting_case(merchant_id="havsro")
    async with (
        shop_server(hanging.respond) as (slow_url, _),
        shop_server(quick.respond) as (quick_url, _),
    ):
        packs = Packs(
            pack("fjellbekk", case_webhook_url=slow_url), pack("havsro", case_webhook_url=quick_url)
        )
        sender = Webhooks(
            room.store, room.outbound(), case_urls(packs), room.secret, console_url=""
        )

        async def work(session: Session) -> None:
            for one in (*slow, case):
                await sender.tell(session, one, life_of(one)[:1])

        await in_transaction(room.client, work)
        async with sending(sender):
            await quick.until(1)
            assert len(hanging.requests) <= 4
        hanging.gate.set()


async def test_kill_nine_in_the_middle_loses_nothing_and_repeats_under_the_same_id(
    room: Room, desk: HelpDesk, house_env: Mapping[str, str]
) -> None:
    case = waiting_case()
    ids = await room.tell(case, *first_three(case))
    desk.gate.clear()
    process = await sender_process(room.url, house_env)
    await desk.until(1)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert [state for state, _ in await room.states()] == [WAITING] * 3
    desk.gate.set()
    process = await sender_process(room.url, house_env)
    try:
        await room.until([(DELIVERED, None)] * 3)
    finally:
        process.kill()
        await process.wait()
    assert desk.ids() == [ids[0], *ids]


async def test_the_lease_of_a_killed_process_ends(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    assert await room.store.claim("killed", []) is not None
    assert await room.store.claim("other", []) is None
    room.clock[0] = LEASE + timedelta(seconds=1)
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)])


async def test_whoever_has_lost_the_lease_sends_no_more(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    lane = await room.store.claim("slow", [])
    assert lane is not None
    room.clock[0] = LEASE + timedelta(seconds=1)
    assert await room.store.claim("other", []) is not None
    assert await room.store.renew(lane) is None


async def test_what_comes_while_a_lane_is_finished_is_not_left_behind(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    lane = await room.store.claim("me", [])
    assert lane is not None
    came = await room.store.renew(lane)
    assert came is not None
    await room.store.note(await only(room), DELIVERED)
    assert await room.store.first(lane) is None
    (late,) = await room.tell(case, first_three(case)[1])
    assert not await room.store.finish(lane, came)
    await room.store.release("me")
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)] * 2)
    assert desk.ids() == [late]


async def test_cases_go_on_while_they_are_told(room: Room, desk: HelpDesk) -> None:
    cases = [waiting_case() for _ in range(4)]
    ids: dict[UUID, list[str]] = {case.case_id: [] for case in cases}

    async def go_on(case: Case) -> None:
        for _ in range(8):
            ids[case.case_id] += await room.tell(case, *first_three(case))

    async with sending(room.webhooks(), room.webhooks()):
        await asyncio.gather(*(go_on(case) for case in cases))
        await room.until([(DELIVERED, None)] * 96)
    assert sent_by_case(desk) == ids


async def test_it_stops_at_once_however_much_is_going_on(room: Room, desk: HelpDesk) -> None:
    for number in range(15):
        cases = [waiting_case() for _ in range(3)]
        ids = [told for case in cases for told in await room.tell(case, *first_three(case))]
        # Named: a lease that was renewed at the very end is taken up again by the next one.
        task = asyncio.create_task(room.webhooks(owner="1").deliver())
        await desk.until(len(desk.requests) + 1 + number % 9)
        task.cancel()
        done, _pending = await asyncio.wait([task], timeout=PATIENCE)
        assert done, "it did not hear that it was to stop"
    async with sending(room.webhooks(owner="1")):
        await room.until([(DELIVERED, None)] * 15 * 9)
    assert {*desk.ids()} >= {*ids}


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


async def sender_process(url: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    root = SENDER.parents[2]
    return await asyncio.create_subprocess_exec(
        sys.executable, str(SENDER), url, env={**os.environ, **env, "PYTHONPATH": str(root)}
    )


async def prat(*arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a command, run as a person would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "webhooks", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


async def test_the_command_lists_shows_and_replays(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    (told,) = await room.tell(case, life_of(case)[0])
    delivery = await only(room)
    await room.store.note(delivery, DEAD, "status_500")
    _, listed, _ = await prat("list", "--json")
    (row,) = json.loads(listed)["notices"]
    assert (row["event_id"], row["problem"], "body" in row) == (told, "status_500", False)
    assert "status_500" in (await prat("list", "--merchant", "fjellbekk"))[1]
    assert (await prat("list", "--merchant", "havsro"))[1] == "No dead notices.\n"
    _, shown, _ = await prat("show", str(delivery.number), "--json")
    assert json.loads(shown)["body"]["data"]["event_id"] == told
    code, _, errors = await prat("show", "999999")
    assert (code, "Fix:" in errors) == (1, True)
    code, _, errors = await prat("replay")
    assert (code, "Fix:" in errors) == (1, True)
    assert (await prat("replay", "--merchant", "fjellbekk"))[1] == "1 sent anew.\n"
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)])
    assert desk.ids() == [told]
