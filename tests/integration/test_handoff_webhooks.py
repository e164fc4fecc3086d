"""Case webhooks on a real store and over real HTTP: what is told, to whom, and how often."""

import asyncio
import json
import sys
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Session, database, in_transaction
from services.handoff.webhook_lanes import LANES
from services.handoff.webhook_notice import MOST_TRIES
from services.handoff.webhook_store import (
    DEAD,
    DELIVERED,
    WAITING,
)
from services.handoff.webhooks import Webhooks
from tests.unit.handoff.builders import waiting_case
from tests.unit.nlu.kitchen import Request, shop_server
from tests.webhook_room import (
    HelpDesk,
    Room,
    desk,
    first_three,
    life_of,
    only,
    room,
    sending,
)

__all__ = ["desk", "room"]

pytestmark = pytest.mark.connected


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
