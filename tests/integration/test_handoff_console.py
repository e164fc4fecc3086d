"""The console's interface on a real store: what is done with a case, and what bad input is told."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.local.stack import Stack
from libs.contracts.bodies import MessageBody
from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.privacy.sealing import KeyGone, Place
from tests.console_room import CANARY, CUSTOMER, PASSWORDS, Console, only_case, open_console


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


async def test_another_merchants_case_is_as_unknown_as_none(desk: Console) -> None:
    await desk.asks("havsro")
    elsa, kari = await desk.logged_in("elsa@havsro.example"), await desk.logged_in()
    foreign = await only_case(elsa)
    assert (await kari.get("/api/queue")).json()["waiting"] == []
    for method, what in (("GET", ""), ("POST", "/claim"), ("POST", "/reply"), ("POST", "/close"),
                         ("DELETE", "")):  # fmt: skip
        answers = [
            await kari.request(method, f"/api/cases/{case_id}{what}")
            for case_id in (foreign, str(uuid4()), "not-an-id")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    assert await only_case(elsa) == foreign
    assert desk.shelf.erased == []


async def test_the_case_shows_declared_facts_and_the_transcript(desk: Console) -> None:
    asked = await desk.asks(email="not an address", smuggled="x")
    await desk.writes(asked, Purpose.DIALOGUE)
    browser = await desk.logged_in()
    found = (await browser.get(f"/api/cases/{await only_case(browser)}")).json()
    facts = {fact["key"]: (fact["value"], fact["problem"]) for fact in found["intake"]}
    assert facts == {
        "order_number": ("10482217", None), "email": ("not an address", "invalid"),
        "description": (CANARY, None),
    }  # fmt: skip
    assert found["customer"] == CUSTOMER.model_dump()
    assert found["context"] == {"page": None, "product": "Telt", "order": None}
    assert [(m["author"], m["text"]) for m in found["messages"]] == [("visitor", CANARY)]
    assert found["case"]["erased_on"] > (utc_now() + timedelta(days=364)).isoformat()


async def test_the_transcript_is_fetched_from_a_number_on(desk: Console) -> None:
    asked = await desk.asks()
    for _ in range(3):
        await desk.writes(asked)
    browser = await desk.logged_in()
    path = f"/api/cases/{await only_case(browser)}"
    for after, count in (("2", 1), ("3", 0), ("-1", 3), ("x", 3), ("9" * 30, 3)):
        found = (await browser.get(path, params={"after": after})).json()
        assert len(found["messages"]) == count


async def test_while_the_transcript_is_away_the_facts_are_shown(desk: Console) -> None:
    await desk.asks()
    desk.shelf.is_away = True
    browser = await desk.logged_in()
    found = (await browser.get(f"/api/cases/{await only_case(browser)}")).json()
    assert found["messages"] is None
    assert found["intake"][0]["value"] == "10482217"


async def test_of_two_agents_the_second_is_told_that_the_case_is_taken(desk: Console) -> None:
    await desk.asks()
    kari, per = await desk.logged_in(), await desk.logged_in("per@fjellbekk.example")
    path = f"/api/cases/{await only_case(kari)}"
    mine = await kari.post(f"{path}/claim")
    taken = await per.post(f"{path}/claim")
    assert (mine.json()["case"]["status"], mine.json()["case"]["mine"]) == ("assigned", True)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "case_taken")
    assert (await kari.post(f"{path}/claim")).status_code == 200
    assert len(await desk.outbox("CaseAssigned")) == 1
    for what, body in (("reply", {"client_id": str(uuid4()), "text": "x"}),
                       ("close", {"reason": "solved"})):  # fmt: skip
        answer = await per.post(f"{path}/{what}", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_yours")
    assert [c["case_id"] for c in (await kari.get("/api/queue")).json()["mine"]] == [path[-36:]]


async def test_a_double_submit_is_one_message_sealed_with_the_agents_name(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    body = {"client_id": str(uuid4()), "text": f"  {CANARY}\n"}
    answers = [await kari.post(f"{path}/reply", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    (message_id,) = {answer.json()["message_id"] for answer in answers}
    (event,) = await desk.outbox("AgentReplied")
    assert CANARY not in event
    replied = json.loads(event)
    assert replied["event_id"] == message_id
    place = Place(asked.merchant_id, asked.conversation_id, UUID(message_id))
    sealed = type(asked.intake).model_validate(replied["message"])
    said = await desk.ring.open(place, sealed, MessageBody)
    assert (said.text, said.speaker, sealed.purpose) == (CANARY, "Kari", Purpose.CASE)


async def test_bad_replies_are_refused_without_quoting_them(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    good = {"client_id": str(uuid4()), "text": CANARY}
    for body, status, code in (
        (b"{", 400, "malformed"), (b"", 400, "malformed"), (b"[]", 400, "malformed"),
        (json.dumps(good | {"client_id": CANARY}), 400, "malformed"),
        (json.dumps({"text": CANARY}), 400, "malformed"),
        (json.dumps(good | {"text": 5}), 400, "malformed"),
        (b'{"client_id":"x","text":"\\ud800"}', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (json.dumps(good | {"text": " \n "}), 400, "text_empty"),
        (json.dumps(good | {"text": "å" * 5000}), 413, "text_too_long"),
        (json.dumps(good | {"text": "a" * 70_000}), 413, "too_large"),
    ):  # fmt: skip
        answer = await kari.post(f"{path}/reply", content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert CANARY not in answer.text
    assert await desk.outbox("AgentReplied") == []


async def test_closing_needs_a_reason_and_frees_the_conversation(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    assert (await kari.post(f"{path}/close", json={"reason": "bored"})).status_code == 400
    for _ in range(2):
        assert (await kari.post(f"{path}/close", json={"reason": "solved"})).status_code == 200
    assert len(await desk.outbox("CaseClosed")) == 1
    late = {"client_id": str(uuid4()), "text": "x"}
    answer = await kari.post(f"{path}/reply", json=late)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "case_closed")


async def test_unread_is_cleared_by_the_owner_who_opens_the_case(desk: Console) -> None:
    asked = await desk.asks()
    kari, per = await desk.logged_in(), await desk.logged_in("per@fjellbekk.example")
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    await desk.writes(asked)
    await per.get(path)
    assert [c["unread"] for c in (await kari.get("/api/queue")).json()["mine"]] == [True]
    await kari.get(path)
    assert [c["unread"] for c in (await kari.get("/api/queue")).json()["mine"]] == [False]


async def test_deleting_starts_the_erasure_of_the_conversation(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    assert (await kari.delete(path)).status_code == 202
    assert desk.shelf.erased == [("fjellbekk", asked.conversation_id, "agent")]


async def test_an_erased_case_is_unreadable_at_once_and_gone_after_the_event(
    desk: Console,
) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await desk.ring.destroy("fjellbekk", asked.conversation_id, utc_now() + timedelta(days=1))
    for method, what in (("GET", ""), ("POST", "/claim")):
        answer = await kari.request(method, f"{path}{what}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "erased")
    erasure = ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=asked.conversation_id,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
    for _ in range(2):
        await desk.handlers.erasure_requested(erasure)
    assert (await kari.get(path)).status_code == 404
    said = [ErasureAcknowledged.model_validate_json(text)
            for text in await desk.outbox("ErasureAcknowledged")]  # fmt: skip
    assert [event.deleted for event in said] == [
        {"cases": 1, "notes": 0, "given": 2, "mentioned": 0},
        {"cases": 0, "notes": 0, "given": 0, "mentioned": 0},
    ]  # fmt: skip
    assert len({event.event_id for event in said}) == 1, "who asks again is answered the same"
    with pytest.raises(KeyGone):
        await desk.handlers.handoff_requested(asked)


async def test_no_file_of_the_store_shows_what_the_visitor_wrote(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}"
    await kari.post(f"{path}/claim")
    await desk.writes(asked)
    await kari.post(f"{path}/reply", json={"client_id": str(uuid4()), "text": CANARY})
    seen = ""
    for name in await desk.db.list_collection_names():
        seen += "".join([str(row) async for row in desk.db[name].find()])
    assert asked.conversation_id in seen
    for secret in (CANARY, "10482217", *PASSWORDS.values()):
        assert secret not in seen
