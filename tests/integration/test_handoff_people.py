"""Who is there, on a real store: presence, colleagues, who looks at a case, and who am I."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from libs.contracts.content import CannedReply
from libs.kit.content import Packs
from services.handoff.notices import Notice
from services.handoff.presence import LOOK_KEPT
from services.handoff.rights import Grant, Role
from services.handoff.waiting import Forecast
from tests.builders import everywhere, pack
from tests.console_room import ELSA, KARI, PER, Console, only_case, open_console

SHOP = "fjellbekk"


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get("/api/me")).json()["agent"]
    return found


async def test_a_page_is_told_who_one_is_and_what_there_is_to_choose_from(desk: Console) -> None:
    canned = (CannedReply(key="hours", text=everywhere("Vi svarer 8 til 16.")),)
    assert isinstance(desk.handlers.content, Packs)
    desk.handlers.content.put(pack(canned=canned, routing="auto"))
    found = await me(await desk.logged_in())
    assert (found["id"], found["skills"], found["roles"]) == (KARI, ["*"], ["agent"])
    assert found["presence"] == {"state": "online", "capacity": 4, "languages": []}
    assert found["rights"] == {SHOP: ["see_queue", "reply", "erase"]}
    (shop,) = found["merchants"]
    assert (shop["id"], shop["routing"], shop["skills"]) == (SHOP, "auto", ["delivery", "general"])
    assert [(one["key"], one["text"]["nb"]) for one in shop["canned"]] == [
        ("hours", "Vi svarer 8 til 16.")
    ]
    assert shop["topics"] == [{"key": "track_parcel", "title": everywhere("Track a parcel")}]


async def test_an_operator_sees_no_shop_and_knows_what_is_allowed_everywhere(desk: Console) -> None:
    found = await me(await desk.add("op@prat.example", Grant("*", frozenset({Role.OPERATOR}))))
    assert found["merchants"] == []
    assert found["presence"] == {"state": "online", "capacity": 4, "languages": []}
    assert found["rights"] == {"*": ["manage_accounts", "read_audit"]}


async def test_what_one_chose_is_remembered_and_told_to_the_shops_consoles(desk: Console) -> None:
    kari = await desk.logged_in()
    with desk.notices.listen([SHOP]) as inbox:
        chosen = {"state": "away", "capacity": 7, "languages": ["sv", "nb"]}
        answer = await kari.post("/api/presence", json=chosen)
        assert answer.json()["presence"] == chosen | {"languages": ["nb", "sv"]}
        assert inbox.get_nowait() == Notice("presence", SHOP, "")
    await kari.post("/api/presence", json={"state": "online"})
    assert (await me(await desk.logged_in()))["presence"] == {
        "state": "online", "capacity": 7, "languages": ["nb", "sv"],
    }  # fmt: skip
    await kari.post("/api/presence", json={"state": "online", "languages": []})
    assert (await me(kari))["presence"]["languages"] == []


@pytest.mark.parametrize(
    "choice",
    [
        {}, {"state": "offline"}, {"state": "online", "capacity": 0}, [],
        {"state": "online", "capacity": 21}, {"state": "online", "languages": ["xx"]},
        {"state": "online", "capacity": "x"},
    ],
)  # fmt: skip
async def test_an_impossible_choice_changes_nothing(desk: Console, choice: Any) -> None:
    kari = await desk.logged_in()
    await kari.post("/api/presence", json={"state": "away", "capacity": 3})
    before = (await me(kari))["presence"]
    answer = await kari.post("/api/presence", json=choice)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
    assert (await me(kari))["presence"] == before


async def test_colleagues_are_shown_with_their_free_places(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    elsa = await desk.logged_in(ELSA)
    await per.post("/api/presence", json={"state": "online", "capacity": 2})
    for browser in (kari, elsa):
        await browser.post("/api/presence", json={"state": "online"})
    await desk.asks()
    await per.post(f"/api/cases/{await only_case(per)}/claim")

    async def seen() -> list[tuple[str, str, int]]:
        found = (await kari.get("/api/colleagues", params={"merchant": SHOP})).json()["colleagues"]
        return [(one["agent_id"], one["state"], one["free"]) for one in found]

    assert await seen() == [(PER, "online", 1)]
    await per.post("/api/presence", json={"state": "away"})
    assert await seen() == [(PER, "away", 0)]
    desk.clock.later += timedelta(minutes=1)
    assert await seen() == [(PER, "offline", 0)]


@pytest.mark.parametrize("merchant", ["havsro", "nobody", "", "*", "$ne"])
async def test_another_shops_people_are_as_unknown_as_none(desk: Console, merchant: str) -> None:
    kari, elsa = await desk.logged_in(), await desk.logged_in(ELSA)
    await elsa.post("/api/presence", json={"state": "online"})
    answer = await kari.get("/api/colleagues", params={"merchant": merchant})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_merchant")


async def test_who_else_looks_at_a_case_is_seen_for_a_while(desk: Console) -> None:
    await desk.asks()
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    case_id = await only_case(kari)
    with desk.notices.listen([SHOP]) as inbox:
        for _ in range(2):
            assert (await per.get(f"/api/cases/{case_id}")).json()["case"]["watchers"] == []
        assert inbox.get_nowait() == Notice("watching", SHOP, case_id)
        assert inbox.empty()
    (case,) = (await kari.get("/api/queue")).json()["waiting"]
    assert case["watchers"] == ["Per"]
    assert (await kari.get(f"/api/cases/{case_id}")).json()["case"]["watchers"] == ["Per"]
    desk.clock.later += LOOK_KEPT + timedelta(seconds=1)
    assert (await kari.get(f"/api/cases/{case_id}")).json()["case"]["watchers"] == []


async def test_who_may_not_read_a_case_does_not_look_at_it(desk: Console) -> None:
    await desk.asks()
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    assert (await per.get(path)).status_code == 403
    assert (await kari.get(path)).json()["case"]["watchers"] == []
    assert await desk.looks() == [(KARI, "case_read", ("intake", "messages", "notes"))]


async def test_a_supervisor_sees_whose_case_it_is(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    await kari.post("/api/presence", json={"state": "online"})
    path = f"/api/cases/{await only_case(kari)}"
    mine = await kari.post(f"{path}/claim")
    assert mine.json()["case"]["owner_name"] == "Kari"
    lead = await desk.add("lead@fjellbekk.example", Grant(SHOP, frozenset({Role.SUPERVISOR})))
    view = (await lead.get(path)).json()["case"]
    assert (view["owner_name"], view["mine"], view["wait"]) == ("Kari", False, None)


async def test_waits_are_shown_where_they_are_known(desk: Console) -> None:
    for _ in range(2):
        await desk.asks()
    kari = await desk.logged_in()
    waiting = (await kari.get("/api/queue")).json()["waiting"]
    assert [(case["position"], case["wait"]) for case in waiting] == [(1, None), (2, None)]
    known, store = Forecast(10, 300.0, 100.0, 2.0), desk.handlers.store
    assert await store.retell(SHOP, "delivery", known, desk.clock(), timedelta(0))
    desk.notices.presence_changed(SHOP)
    waiting = (await kari.get("/api/queue")).json()["waiting"]
    assert [case["wait"] for case in waiting] == [
        {"low_seconds": wait.low_seconds, "high_seconds": wait.high_seconds}
        for wait in (known.wait(1), known.wait(2))
        if wait
    ]


async def test_the_owner_of_a_case_whose_grant_is_gone_sees_it_no_more(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    await kari.post(f"/api/cases/{await only_case(kari)}/claim")
    grant = {"merchant_id": SHOP, "roles": ["agent"], "skills": ["general"]}
    await desk.agents.accounts.put_account(KARI, {"grants": [grant]})
    assert (await kari.get("/api/queue")).json()["mine"] == []
    assert (await kari.get("/api/search", params={"q": "canary"})).json()["found"] == []
