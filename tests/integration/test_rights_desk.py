"""The rights desk on a real store: identified before anything is done, proven, noted, and forgotten."""

import re
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from uuid import uuid4

import pytest

from libs.contracts.bodies import IntakeBody
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.privacy.sealing import Place
from services.handoff.case import NotAllowed
from services.handoff.rights import Grant, Role
from services.handoff.rightsdesk.mail import Folder
from tests.console_room import CUSTOMER
from tests.rights_room import DPO, NORA, Rights, code, rights

ADMIN, OTHER = "admin@fjellbekk.example", "dpo@havsro.example"

__all__ = ["rights"]


async def test_who_confirms_by_mail_is_found_by_the_address_that_was_given(rights: Rights) -> None:
    asked = await rights.desk.asks(email=" Nora@Kunde.example ")
    await rights.desk.asks(email="ole@kunde.example")
    await rights.desk.asks("havsro", email=NORA)
    path = await rights.new("erasure")
    waiting = await rights.do(path, "mail", email="NORA@kunde.example")
    assert (waiting["state"], waiting["waits_for_mail"]) == ("received", True)
    assert waiting["conversations"] == [], "nothing is said before the person is identified"
    (mail,) = rights.mails()
    assert (mail["To"], mail["Auto-Submitted"]) == ("NORA@kunde.example", "auto-generated")
    assert "sletting av opplysninger" in mail.get_content()
    person = rights.desk.browser()
    page = await person.get(rights.link())
    assert "Var det deg?" in page.text
    assert (await rights.shown(path))["state"] == "received", "opening the link changes nothing"
    assert "Takk!" in (await person.post(rights.link())).text
    assert (await person.post(rights.link())).status_code == 410, "once"
    found = await rights.shown(path)
    assert (found["state"], found["identity"]) == ("identified", "email")
    assert found["conversations"] == [asked.conversation_id]
    assert str([row async for row in rights.desk.db["rights_requests"].find()]).count("nora") == 0


async def test_an_erasure_is_done_when_every_service_is_and_closing_forgets_the_person(
    rights: Rights,
) -> None:
    asked = await rights.desk.asks(email=NORA)
    path = await rights.identified("erasure")
    begun = await rights.do(path, "erase")
    assert rights.desk.shelf.erased == [("fjellbekk", asked.conversation_id, "merchant")]
    assert (begun["state"], begun["can"]) == ("identified", ["extend"]), "what runs is not refused"
    rights.desk.shelf.is_away = True
    assert (await rights.shown(path))["state"] == "identified"
    rights.desk.shelf.is_away = False
    rights.desk.shelf.running.clear()
    done = await rights.shown(path)
    assert (done["state"], done["clock"]["state"], done["can"]) == ("done", "stopped", ["close"])
    (erasure,) = done["erasures"]
    receipt = await rights.dpo.get(f"{path}/receipts/{erasure['id']}")
    assert receipt.json()["erasure_id"] == erasure["id"]
    assert code(await rights.dpo.get(f"{path}/receipts/{uuid4()}")) == (404, "unknown_request")
    closed = await rights.do(path, "close")
    assert (closed["state"], closed["conversations"]) == ("closed", [])
    (row,) = [row async for row in rights.desk.db["rights_requests"].find()]
    assert (row["mark"], row["confirm"], row["conversations"]) == (None, None, [])
    assert row["expires_at"] - utc_now() < timedelta(days=90)
    assert [what for _, what in await rights.noted()] == [
        "rights_received", "rights_mailed", "rights_identified", "rights_erased", "rights_done",
        "rights_closed",
    ]  # fmt: skip


async def test_a_copy_is_handed_out_for_found_conversations_only_and_the_look_is_noted(
    rights: Rights,
) -> None:
    asked, foreign = await rights.desk.asks(email=NORA), await rights.desk.asks()
    path = await rights.new("access", language="sv")
    early = f"{path}/export/{asked.conversation_id}"
    assert code(await rights.dpo.get(early)) == (409, "request_state")
    await rights.do(path, "mail", email=NORA)
    await rights.desk.browser().post(rights.link())
    assert code(await rights.dpo.get(f"{path}/export/{foreign.conversation_id}")) == (
        409, "request_state",
    )  # fmt: skip
    assert code(await rights.dpo.post(f"{path}/done")) == (409, "request_state")
    made = await rights.dpo.get(early, params={"format": "html"})
    assert made.text == f"fjellbekk {asked.conversation_id} html sv []"
    assert "attachment" in made.headers["content-disposition"]
    await rights.desk.gives(asked, b"%PDF")
    await rights.dpo.get(early)
    look, of_files = await rights.desk.audit.looks("fjellbekk", asked.conversation_id)
    assert (look["who"], look["what"], look["roles"]) == (DPO, "rights_exported", ["dpo"])
    assert (look["fields"], of_files["fields"]) == (
        ["intake", "messages"], ["attachments", "intake", "messages"],
    )  # fmt: skip
    assert (await rights.do(path, "done"))["state"] == "done"


async def test_corrected_facts_are_sealed_anew_in_case_and_transcript_and_found_by_what_is_right(
    rights: Rights,
) -> None:
    asked = await rights.desk.asks(email=NORA)
    path = await rights.identified("rectification")
    (case,) = (await rights.dpo.get(f"{path}/facts")).json()["cases"]
    facts = {fact["key"]: fact["value"] for fact in case["facts"]}
    assert facts["order_number"] == "10482217"
    wrong = {"case_id": case["case_id"], "fields": {"order_number": "1", "shoe": "42"}}
    assert code(await rights.dpo.post(f"{path}/facts", json=wrong)) == (422, "form_wrong")
    fields = facts | {"order_number": "10482218", "email": "nora@ny.example"}
    await rights.do(path, "facts", case_id=case["case_id"], fields=fields)
    place = Place("fjellbekk", asked.conversation_id, asked.event_id, "intake")
    ((told, sealed),) = rights.desk.shelf.corrected
    assert told == place
    row = await rights.desk.db["cases"].find_one({"_id": case["case_id"]})
    assert row
    assert row["intake"] == sealed.model_dump(mode="json") != asked.intake.model_dump(mode="json")
    form = await rights.desk.ring.open(place, sealed, IntakeBody)
    assert (form.fields, form.customer) == (fields, CUSTOMER), "what the shop said stays"
    assert (await rights.do(path, "done"))["state"] == "done"
    for address, count in ((NORA, 0), ("nora@ny.example", 1), (str(CUSTOMER.email), 1)):
        again = await rights.identified("access", address)
        assert len((await rights.shown(again))["conversations"]) == count


async def test_a_reference_or_an_order_that_was_checked_finds_what_the_address_does_not(
    rights: Rights,
) -> None:
    asked = await rights.desk.asks(order_number="10482219")
    await rights.desk.writes(asked, Purpose.CASE)
    foreign = await rights.desk.asks("havsro")
    path = await rights.new("objection")
    for wrong in (foreign.conversation_id, uuid4().hex, "x", {"$ne": ""}):
        answer = await rights.dpo.post(f"{path}/reference", json={"conversation_id": wrong})
        assert answer.status_code in (400, 404)
    assert code(await rights.dpo.post(f"{path}/order", json={"order_number": "10482219"})) == (
        409, "request_state",
    )  # fmt: skip
    known = await rights.do(path, "reference", conversation_id=asked.conversation_id)
    assert known["identity"] == "reference"
    said, shelf = {"conversation_id": asked.conversation_id}, rights.desk.shelf
    assert known["objections"] == [said | {"objects": False}]
    done = await rights.do(path, "object")
    assert (done["state"], done["objections"]) == ("done", [said | {"objects": True}])
    assert shelf.objections == {("fjellbekk", asked.conversation_id): True}
    shelf.objections["fjellbekk", asked.conversation_id] = False
    assert (await rights.shown(path))["objections"] == [said | {"objects": False}]
    shelf.is_away = True
    assert (await rights.shown(path))["objections"] == [said | {"objects": None}]
    shelf.is_away = False
    other = await rights.identified("erasure")
    assert (await rights.shown(other))["can"] == ["order", "extend", "refuse"]
    found = await rights.do(other, "order", order_number="1048 2219")
    assert found["conversations"] == [asked.conversation_id]
    refused = await rights.do(other, "refuse", reason="must_be_kept")
    assert (refused["state"], refused["refusal"]) == ("refused", "must_be_kept")


async def test_a_mail_that_is_not_sent_leaves_the_request_as_it_was(
    rights: Rights, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await rights.new("access")
    before = await rights.shown(path)
    for code_, status in (("mail_failed", 502), ("mail_refused", 422)):
        away = partial(refuse, code_)
        with monkeypatch.context() as patch:
            patch.setattr(Folder, "send", away)
            for _ in range(6 if code_ == "mail_failed" else 1):
                answer = await rights.dpo.post(f"{path}/mail", json={"email": NORA})
                assert code(answer) == (status, code_), "what was not sent does not count"
        assert await rights.shown(path) == before
    for address in ("nora@kunde.example,ole", "nora@-"):
        answer = await rights.dpo.post(f"{path}/mail", json={"email": address})
        assert code(answer) == (400, "address_wrong")
    assert (await rights.do(path, "mail", email=NORA))["waits_for_mail"]
    assert len(rights.mails()) == 1


async def refuse(code_: str, _mail: EmailMessage) -> None:
    raise NotAllowed(code_)


async def test_the_index_says_nothing_alone_and_goes_with_the_conversation(rights: Rights) -> None:
    asked = await rights.desk.asks(email=NORA)
    rows = [row async for row in rights.desk.db["given"].find()]
    assert len(rows) == 3, "two that were filled in, and the address that the shop signed"
    case = await rights.desk.db["cases"].find_one({})
    assert case
    assert {row["expires_at"] for row in rows} == {case["expires_at"]}
    assert not re.search("nora|kunde|10482217", str(rows))
    assert {*rows[0]} == {"_id", "merchant_id", "mark", "case_id", "conversation_id", "expires_at"}
    await rights.desk.handlers.erasure_requested(ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=asked.conversation_id,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    ))  # fmt: skip
    assert await rights.desk.db["given"].count_documents({}) == 0


async def test_only_who_handles_requests_of_a_shop_sees_them_and_nobody_goes_through_a_list(
    rights: Rights,
) -> None:
    path = await rights.new("access")
    strangers = [
        await rights.desk.logged_in(),
        await rights.desk.add(OTHER, Grant("havsro", frozenset({Role.DPO}))),
    ]
    for stranger in strangers:
        assert (await stranger.get("/api/requests")).json() == {"requests": []}
        assert code(await stranger.get(path)) == (404, "unknown_request")
        for what in ("mail", "reference", "order", "extend", "refuse", "done", "close", "erase",
                     "object", "facts"):  # fmt: skip
            assert code(await stranger.post(f"{path}/{what}", json={})) == (404, "unknown_request")
        body = {"merchant_id": "fjellbekk", "kind": "access", "language": "nb"}
        assert code(await stranger.post("/api/requests", json=body)) == (403, "no_right")
    admin = await rights.desk.add(ADMIN, Grant("fjellbekk", frozenset({Role.MERCHANT_ADMIN})))
    assert len((await admin.get("/api/requests")).json()["requests"]) == 1
    assert (await rights.desk.browser().get(path)).status_code == 401
    for address in ("nora", "a@b.example\nBcc: all@b.example", ""):
        answer = await rights.dpo.post(f"{path}/mail", json={"email": address})
        assert code(answer) == (400, "address_wrong")
    sent = [await rights.dpo.post(f"{path}/mail", json={"email": NORA}) for _ in range(6)]
    assert [answer.status_code for answer in sent] == [200] * 5 + [429]
    tried = {"conversation_id": uuid4().hex}
    found = [await admin.post(f"{path}/reference", json=tried) for _ in range(61)]
    assert found[-1].status_code == 429


async def test_the_overview_and_its_receipts_are_of_the_own_shop_only(rights: Rights) -> None:
    own, other = {"merchant": "fjellbekk"}, {"merchant": "havsro"}
    assert (await rights.dpo.get("/api/privacy", params=own)).json() == {"of": "fjellbekk"}
    stranger = await rights.desk.add(OTHER, Grant("havsro", frozenset({Role.DPO})))
    kari = await rights.desk.logged_in()
    for person, shop in ((rights.dpo, other), (stranger, own), (kari, own), (rights.dpo, {})):
        for path in ("/api/privacy", f"/api/privacy/receipts/{uuid4()}"):
            assert code(await person.get(path, params=shop)) == (403, "no_right")
    receipt = f"/api/privacy/receipts/{uuid4()}"
    assert (await rights.dpo.get(receipt, params=own)).is_success
    assert code(await stranger.get(receipt, params=other)) == (404, "unknown_request")
    assert code(await rights.dpo.get("/api/privacy/receipts/x", params=own)) == (
        404, "unknown_request",
    )  # fmt: skip


async def test_a_link_ends_after_a_week(rights: Rights) -> None:
    path = await rights.new("access")
    await rights.do(path, "mail", email=NORA)
    rights.desk.clock.later = timedelta(days=7, minutes=1)
    for answer in (
        await rights.desk.browser().get(rights.link()),
        await rights.desk.browser().post(rights.link()),
        await rights.desk.browser().get("/confirm/guessed"),
    ):
        assert answer.status_code == 410
