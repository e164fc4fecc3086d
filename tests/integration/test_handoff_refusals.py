"""What may not be done with cases, on a real store: a clear code, and everything stays as it was."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from libs.kit.clock import utc_now
from services.handoff.refusals import REFUSALS
from services.handoff.rights import Grant, Role
from tests.console_room import CANARY, ELSA, PER, Console, only_case, open_console

SHOP = "fjellbekk"
SAID = {"client_id": str(uuid4()), "text": CANARY}
CHANGES: dict[str, Any] = {
    "/claim": {}, "/reply": SAID, "/typing": {}, "/notes": SAID, "/return": {"note": CANARY},
    "/close": {"reason": "solved", "note": CANARY}, "/transfer": {"skill": "general"},
}  # fmt: skip
"""Every change of a case, with a good body."""


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert CANARY not in answer.text
    assert set(answer.json()["error"]) == {"code", "message", "fix"}
    return answer.status_code, answer.json()["error"]["code"]


async def refusals(browser: httpx.AsyncClient, path: str) -> dict[str, tuple[int, str]]:
    """How each change is answered."""
    return {
        what: refusal(await browser.post(f"{path}{what}", json=body))
        for what, body in CHANGES.items()
    }


async def claimed(desk: Console, browser: httpx.AsyncClient) -> str:
    await desk.asks()
    path = f"/api/cases/{await only_case(browser)}"
    assert (await browser.post(f"{path}/claim")).is_success
    return path


def test_every_refusal_names_cause_and_fix() -> None:
    for status, message, fix in REFUSALS.values():
        assert 400 <= status < 500 or status == 502, "another server's fault"
        assert message.endswith(".")
        assert fix.endswith(".")


async def test_a_foreign_case_is_as_unknown_as_none_for_every_change(desk: Console) -> None:
    await desk.asks("havsro")
    elsa, kari = await desk.logged_in(ELSA), await desk.logged_in()
    path = f"/api/cases/{await only_case(elsa)}"
    before = await desk.state()
    for where in (path, f"/api/cases/{uuid4()}", "/api/cases/$ne", "/api/cases/0"):
        assert set((await refusals(kari, where)).values()) == {(404, "unknown_case")}
        for method in ("GET", "DELETE"):
            assert refusal(await kari.request(method, where)) == (404, "unknown_case")
    assert await desk.state() == before
    assert desk.shelf.erased == []
    assert desk.bus.events == []


async def test_a_forged_merchant_in_a_body_or_address_opens_nothing(desk: Console) -> None:
    kari = await desk.logged_in()
    await desk.asks("havsro")
    elsa = await desk.logged_in(ELSA)
    foreign = f"/api/cases/{await only_case(elsa)}"
    forged = {"merchant_id": SHOP, "merchant": SHOP, "case_id": foreign[-36:]}
    before = await desk.state()
    for what, body in CHANGES.items():
        answer = await kari.post(f"{foreign}{what}?merchant={SHOP}", json=body | forged)
        assert refusal(answer) == (404, "unknown_case")
    assert await desk.state() == before


async def test_a_case_that_is_not_claimed_can_only_be_claimed_and_noted_on(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    before = await desk.state()
    for what in ("/reply", "/typing", "/return", "/close", "/transfer"):
        answer = await kari.post(f"{path}{what}", json=CHANGES[what])
        assert refusal(answer) == (409, "not_yours")
    assert await desk.state() == before


async def test_a_colleagues_case_is_out_of_reach(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = await claimed(desk, kari)
    before = await desk.state()
    for method in ("GET", "DELETE"):
        assert refusal(await per.request(method, path)) == (403, "no_right")
    for what, expected in (
        ("/claim", (409, "case_taken")), ("/reply", (409, "not_yours")),
        ("/typing", (409, "not_yours")), ("/return", (409, "not_yours")),
        ("/close", (409, "not_yours")), ("/transfer", (403, "no_right")),
    ):  # fmt: skip
        assert refusal(await per.post(f"{path}{what}", json=CHANGES[what])) == expected
    assert await desk.state() == before


async def test_who_may_not_read_a_colleagues_case_may_leave_a_note_on_it(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = await claimed(desk, kari)
    assert (await per.post(f"{path}/notes", json=SAID)).status_code == 202
    assert [note["author"] for note in (await kari.get(path)).json()["notes"]] == ["Per"]


async def test_a_closed_case_stays_closed(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    path = await claimed(desk, kari)
    await kari.post(f"{path}/close", json={"reason": "solved"})
    before = await desk.state()
    for what in ("/claim", "/reply", "/typing", "/return", "/transfer"):
        answer = await kari.post(f"{path}{what}", json=CHANGES[what])
        assert refusal(answer) == (409, "case_closed")
    for what in ("/claim", "/reply", "/typing", "/return", "/close", "/transfer"):
        answer = await per.post(f"{path}{what}", json=CHANGES[what])
        assert refusal(answer) == (409, "case_closed")
    assert await desk.state() == before


async def test_an_erased_case_takes_nothing_more(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    await desk.ring.destroy(asked.merchant_id, asked.conversation_id, utc_now())
    before = await desk.state()
    for what in ("/reply", "/notes", "/return", "/close"):
        assert refusal(await kari.post(f"{path}{what}", json=CHANGES[what])) == (410, "erased")
    assert refusal(await kari.get(path)) == (410, "erased")
    assert await desk.state() == before


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.DPO, (200, "")), (Role.MERCHANT_ADMIN, (403, "no_right"))]
)
async def test_who_does_not_work_on_cases_changes_none(
    desk: Console, role: Role, sees: tuple[int, str]
) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    await desk.asks()
    other = await desk.add("other@fjellbekk.example", Grant(SHOP, frozenset({role})))
    before = await desk.state()
    for where in (path, f"/api/cases/{await only_case(kari)}"):
        assert set((await refusals(other, where)).values()) == {(403, "no_right")}
        answer = await other.get(where)
        assert (answer.status_code, answer.json().get("error", {}).get("code", "")) == sees
    assert await desk.state() == before
    assert desk.bus.events == []


async def test_a_case_of_a_skill_that_was_not_granted_is_unknown(desk: Console) -> None:
    await desk.asks()
    path = f"/api/cases/{await only_case(await desk.logged_in())}"
    grant = Grant(SHOP, frozenset({Role.SUPERVISOR}), frozenset({"general"}))
    other = await desk.add("other@fjellbekk.example", grant)
    assert set((await refusals(other, path)).values()) == {(404, "unknown_case")}


BAD: list[tuple[str, Any, tuple[int, str]]] = [
    ("/notes", SAID | {"text": "å" * 2049}, (413, "note_too_long")),
    ("/notes", SAID | {"text": " \n\t"}, (400, "text_empty")),
    ("/notes", SAID | {"text": "a" * 70_000}, (413, "too_large")),
    ("/notes", SAID | {"client_id": CANARY}, (400, "malformed")),
    ("/notes", {"text": CANARY}, (400, "malformed")),
    ("/notes", SAID | {"text": None}, (400, "malformed")),
    ("/reply", SAID | {"text": "å" * 4097}, (413, "text_too_long")),
    ("/close", {"reason": "solved", "note": "å" * 2049}, (413, "note_too_long")),
    ("/close", {"reason": "erased"}, (400, "malformed")),
    ("/close", {"reason": "solved", "note": 5}, (400, "malformed")),
    ("/close", {"reason": "solved", "solved_topic": "weather"}, (400, "unknown_topic")),
    ("/close", {"reason": "solved", "solved_topic": ["track_parcel"]}, (400, "malformed")),
    ("/return", {"note": "å" * 2049}, (413, "note_too_long")),
    ("/return", {"note": {}}, (400, "malformed")),
    ("/transfer", {}, (400, "malformed")),
    ("/transfer", {"note": CANARY}, (400, "malformed")),
    ("/transfer", {"skill": "general", "agent_id": PER}, (400, "malformed")),
    ("/transfer", {"skill": "magic"}, (400, "unknown_skill")),
    ("/transfer", {"skill": "*"}, (400, "unknown_skill")),
    ("/transfer", {"skill": ""}, (400, "unknown_skill")),
    ("/transfer", {"skill": "general", "note": "å" * 2049}, (413, "note_too_long")),
    ("/transfer", {"agent_id": {"$ne": ""}}, (400, "malformed")),
    ("/transfer", {"agent_id": ELSA}, (400, "unknown_agent")),
]


@pytest.mark.parametrize(("what", "body", "expected"), BAD)
async def test_bad_bodies_change_nothing(
    desk: Console, what: str, body: Any, expected: tuple[int, str]
) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    before = await desk.state()
    assert refusal(await kari.post(f"{path}{what}", json=body)) == expected
    assert await desk.state() == before


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"note":"\\ud800"}'])
async def test_what_is_no_json_changes_nothing(desk: Console, raw: bytes) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    before = await desk.state()
    for what in ("/reply", "/notes", "/return", "/close", "/transfer"):
        answer = await kari.post(f"{path}{what}", content=raw)
        assert refusal(answer) == (400, "malformed")
    assert await desk.state() == before


async def test_nothing_is_changed_without_a_session_or_from_a_foreign_page(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    before = await desk.state()
    nobody = desk.browser()
    assert set((await refusals(nobody, path)).values()) == {(401, "not_logged_in")}
    kari.headers["origin"] = "https://evil.example"
    assert set((await refusals(kari, path)).values()) == {(403, "foreign_page")}
    assert refusal(await nobody.post("/api/presence", json={})) == (401, "not_logged_in")
    assert refusal(await kari.post("/api/presence", json={})) == (403, "foreign_page")
    for call in ("/api/search?q=abc", "/api/colleagues?merchant=fjellbekk"):
        assert refusal(await nobody.get(call)) == (401, "not_logged_in")
    assert await desk.state() == before


async def test_an_id_used_for_a_note_does_not_hide_a_reply(desk: Console) -> None:
    kari = await desk.logged_in()
    path = await claimed(desk, kari)
    for what in ("/notes", "/reply", "/notes", "/reply"):
        assert (await kari.post(f"{path}{what}", json=SAID)).status_code == 202
    assert len(await desk.outbox("AgentReplied")) == 1
    assert len((await desk.state())["notes"]) == 1
