"""Work on cases on a real store: notes, typing, handing back and on; twice is once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from libs.contracts.case import AgentTyping
from libs.contracts.privacy import ErasureRequested
from libs.contracts.visitor import HandoffRequested
from libs.kit.clock import utc_now
from services.handoff.case import Change
from services.handoff.notes import Note
from services.handoff.rights import Grant, Role
from tests.console_room import CANARY, ELSA, KARI, PER, Console, only_case, open_console

SHOP = "fjellbekk"


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


def erasure_of(asked: HandoffRequested) -> ErasureRequested:
    return ErasureRequested(
        event_id=uuid4(), merchant_id=asked.merchant_id, conversation_id=asked.conversation_id,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip


async def claimed(desk: Console, browser: httpx.AsyncClient) -> str:
    """The path of a case that the browser's agent has claimed."""
    await desk.asks()
    path = f"/api/cases/{await only_case(browser)}"
    assert (await browser.post(f"{path}/claim")).is_success
    return path


async def present(desk: Console, email: str, **choice: Any) -> httpx.AsyncClient:
    """A browser of somebody who is online."""
    browser = await desk.logged_in(email)
    chosen = {"state": "online", **choice}
    assert (await browser.post("/api/presence", json=chosen)).is_success
    return browser


async def notes(browser: httpx.AsyncClient, path: str) -> list[tuple[str, str, bool]]:
    found = (await browser.get(path)).json()["notes"]
    return [(note["author"], note["text"], note["mine"]) for note in found]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_note_is_kept_once_and_shown_to_colleagues_only(desk: Console) -> None:
    await desk.asks()
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = f"/api/cases/{await only_case(kari)}"
    note = {"client_id": str(uuid4()), "text": f" {CANARY}\n"}
    answers = [await kari.post(f"{path}/notes", json=note | more) for more in ({}, {"text": "x"})]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["note_id"] for answer in answers}) == 1
    await per.post(f"{path}/notes", json={"client_id": str(uuid4()), "text": "Ringer lageret"})
    assert await notes(kari, path) == [("Kari", CANARY, True), ("Per", "Ringer lageret", False)]
    assert await desk.outbox("AgentReplied") == []
    assert CANARY not in str(await desk.state())


async def test_notes_lie_sealed_and_go_with_the_case(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    await kari.post(f"{path}/notes", json={"client_id": str(uuid4()), "text": CANARY})
    (case,), (note,) = (await desk.state())["cases"], (await desk.state())["notes"]
    assert note["expires_at"] == case["expires_at"]
    await kari.post(f"{path}/reply", json={"client_id": str(uuid4()), "text": "Hei"})
    (case,), (note,) = (await desk.state())["cases"], (await desk.state())["notes"]
    assert note["expires_at"] == case["expires_at"]


async def test_a_note_lives_as_long_as_the_case_that_was_written_in_meanwhile(
    desk: Console,
) -> None:
    asked, store = await desk.asks(), desk.handlers.store
    case = await store.open_in(asked.conversation_id)
    assert case
    early = Note(
        uuid4(), case.case_id, case.merchant_id, case.conversation_id, KARI, asked.intake,
        at=utc_now(), expires_at=case.expires_at - timedelta(days=1),
    )  # fmt: skip
    await store.change(case.case_id, lambda now, _: Change(now, ()), note=early)
    (note,) = await store.notes.on(case.case_id)
    assert note.expires_at == case.expires_at


async def test_a_note_goes_with_closing_and_with_giving_back_once_each(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    freed = await kari.post(f"{path}/return", json={"note": "Venter på lageret"})
    view = freed.json()["case"]
    assert (view["status"], view["reason"], view["mine"]) == ("queued", "returned", False)
    assert refusal(await kari.post(f"{path}/return", json={"note": "x"})) == (409, "not_yours")
    await kari.post(f"{path}/claim")
    done = {"reason": "solved", "solved_topic": "track_parcel", "note": CANARY}
    for _ in range(2):
        closed = await kari.post(f"{path}/close", json=done)
    assert closed.json()["case"]["closed"] == {"reason": "solved", "by": "agent"}
    assert [text for _, text, _ in await notes(kari, path)] == ["Venter på lageret", CANARY]
    (event,) = await desk.outbox("CaseClosed")
    assert '"solved_topic":"track_parcel"' in event
    assert CANARY not in event


async def test_two_closings_at_once_are_one(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    done = {"reason": "unsolved", "note": CANARY}
    answers = await asyncio.gather(*(kari.post(f"{path}/close", json=done) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await notes(kari, path) == [("Kari", CANARY, True)]
    assert len(await desk.outbox("CaseClosed")) == 1


async def test_the_visitor_is_told_now_and_then_that_the_owner_writes(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = await claimed(desk, kari)
    before = await desk.state()
    for _ in range(3):
        assert (await kari.post(f"{path}/typing", json={})).status_code == 202
    assert refusal(await per.post(f"{path}/typing", json={})) == (409, "not_yours")
    (said,) = desk.bus.events
    assert isinstance(said, AgentTyping)
    assert str(said.case_id) == path[-36:]
    assert await desk.state() == before


async def test_a_case_goes_on_to_the_queue_of_a_skill_with_a_note(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    money = await desk.add("ida@fjellbekk.example", Grant(SHOP, skills=frozenset({"general"})))
    assert (await money.get("/api/queue")).json()["waiting"] == []
    moved = await kari.post(
        f"{path}/transfer", json={"skill": "general", "note": "Gjelder faktura"}
    )
    view = moved.json()["case"]
    assert (view["status"], view["skill"], view["reason"]) == ("queued", "general", "transferred")
    assert await only_case(money) == path[-36:]
    assert await notes(money, path) == [("Kari", "Gjelder faktura", False)]
    again = await kari.post(f"{path}/transfer", json={"skill": "general"})
    assert refusal(again) == (409, "not_yours")


async def test_a_case_goes_on_to_a_colleague_at_once_and_once(desk: Console) -> None:
    kari, per = await desk.logged_in(), await present(desk, PER)
    path = await claimed(desk, kari)
    onward = {"agent_id": PER, "note": "Du kjenner henne"}
    for _ in range(2):
        view = (await kari.post(f"{path}/transfer", json=onward)).json()["case"]
        assert (view["status"], view["owner_name"], view["mine"]) == ("assigned", "Per", False)
    (mine,) = (await per.get("/api/queue")).json()["mine"]
    assert (mine["case_id"], mine["owner_name"]) == (path[-36:], "Per")
    assert await notes(per, path) == [("Kari", "Du kjenner henne", False)]
    assert len(await desk.outbox("CaseAssigned")) == 2
    assert refusal(await kari.get(path)) == (403, "no_right")


async def test_who_cannot_take_a_case_is_not_given_one(desk: Console) -> None:
    kari, per = await desk.logged_in(), await present(desk, PER, capacity=1)
    path = await claimed(desk, kari)
    await present(desk, ELSA)
    other = Grant(SHOP, skills=frozenset({"general"}))
    await (await desk.add("ida@fjellbekk.example", other)).post(
        "/api/presence", json={"state": "online"}
    )
    reads = Grant(SHOP, frozenset({Role.DPO}))
    await (await desk.add("dpo@fjellbekk.example", reads)).post(
        "/api/presence", json={"state": "online"}
    )
    before = await desk.state()
    for whom in (ELSA, "ida@fjellbekk.example", "dpo@fjellbekk.example", "nobody@x.example", ""):
        answer = await kari.post(f"{path}/transfer", json={"agent_id": whom, "note": CANARY})
        assert refusal(answer) == (400, "unknown_agent")
    onward = {"agent_id": PER}
    await per.post("/api/presence", json={"state": "away"})
    assert refusal(await kari.post(f"{path}/transfer", json=onward)) == (400, "unknown_agent")
    await per.post("/api/presence", json={"state": "online"})
    desk.clock.later += desk.roster.silence * 2
    assert refusal(await kari.post(f"{path}/transfer", json=onward)) == (400, "unknown_agent")
    await per.post("/api/presence", json={"state": "online"})
    assert await desk.state() == before
    await desk.asks()
    await per.post(f"/api/cases/{await only_case(per)}/claim")
    before = await desk.state()
    assert refusal(await kari.post(f"{path}/transfer", json=onward)) == (409, "capacity_full")
    assert await desk.state() == before


async def test_a_grant_taken_away_counts_at_once(desk: Console) -> None:
    kari = await desk.logged_in()
    await present(desk, PER)
    path = await claimed(desk, kari)
    await desk.agents.accounts.change_account(PER, {"$set": {"grants": []}})
    answer = await kari.post(f"{path}/transfer", json={"agent_id": PER})
    assert refusal(answer) == (400, "unknown_agent")


async def test_a_disabled_colleague_gets_no_case(desk: Console) -> None:
    kari = await desk.logged_in()
    await present(desk, PER)
    path = await claimed(desk, kari)
    await desk.agents.accounts.change_account(PER, {"$set": {"disabled": True}})
    answer = await kari.post(f"{path}/transfer", json={"agent_id": PER})
    assert refusal(answer) == (400, "unknown_agent")


async def test_only_who_may_takes_a_case_from_a_colleague(desk: Console) -> None:
    kari, per = await desk.logged_in(), await present(desk, PER)
    path = await claimed(desk, kari)
    before = await desk.state()
    for onward in ({"agent_id": PER}, {"skill": "general"}):
        assert refusal(await per.post(f"{path}/transfer", json=onward)) == (403, "no_right")
    assert await desk.state() == before
    lead = await desk.add("lead@fjellbekk.example", Grant(SHOP, frozenset({Role.SUPERVISOR})))
    view = (await lead.post(f"{path}/transfer", json={"agent_id": PER})).json()["case"]
    assert view["owner_name"] == "Per"
    view = (await lead.post(f"{path}/transfer", json={"skill": "general"})).json()["case"]
    assert (view["status"], view["skill"]) == ("queued", "general")


async def test_claiming_more_than_one_wanted_is_possible_and_said(desk: Console) -> None:
    kari = await present(desk, KARI, capacity=1)
    over = []
    for _ in range(2):
        await desk.asks()
        answer = await kari.post(f"/api/cases/{await only_case(kari)}/claim")
        over.append(answer.json()["over_capacity"])
    assert over == [False, True]


async def test_a_left_message_is_taken_given_back_and_stays_one(desk: Console) -> None:
    desk.clock.later += desk.roster.silence * 2
    await desk.asks()
    kari = await desk.logged_in()
    lists = (await kari.get("/api/queue")).json()
    (left,) = lists["filed"]
    assert (lists["waiting"], left["status"], left["position"]) == ([], "filed", None)
    path = f"/api/cases/{left['case_id']}"
    assert (await kari.post(f"{path}/claim")).json()["case"]["was_filed"]
    view = (await kari.post(f"{path}/return", json={})).json()["case"]
    assert (view["status"], view["owner_name"]) == ("filed", None)
    assert [one["case_id"] for one in (await kari.get("/api/queue")).json()["filed"]] == [
        path[-36:]
    ]


async def test_an_erasure_takes_the_notes_along(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/notes", json={"client_id": str(uuid4()), "text": CANARY})
    await desk.handlers.erasure_requested(erasure_of(asked))
    state = await desk.state()
    assert (state["cases"], state["notes"]) == ([], [])
    (event,) = await desk.outbox("ErasureAcknowledged")
    assert '"notes":1' in event
