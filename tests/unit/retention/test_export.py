"""The download: complete, readable, signed, and inert whatever a visitor wrote."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from libs.contracts.bodies import Button, Card, Customer, IntakeBody, MessageBody, PageContext
from libs.contracts.casefile import CaseFile
from libs.contracts.content import LANGUAGES
from libs.contracts.sealed import Purpose
from services.retention.export import PIECE, Opened
from services.retention.export_format import schema
from services.retention.export_texts import labels
from services.retention.proofs import verify_proof
from services.retention.receipts import Altered, NotAReceipt, Signer, UnknownKey, read_keys
from tests.builders import NOW
from tests.unit.retention.exports import (
    SIGNER,
    as_html,
    as_json,
    case_record,
    entry,
    export,
    held,
    look,
)

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"
KEYS = read_keys(json.dumps(SIGNER.published()))
GIVEN = IntakeBody(
    fields={"order_number": ATTACK}, customer=Customer(sub="kunde-1042", name=ATTACK),
    context=PageContext(product=ATTACK),
)  # fmt: skip
SAID: list[Opened] = [
    (entry(1, "visitor"), MessageBody(text=f"Hvor er pakken? {ATTACK}")),
    (entry(2, "bot"), MessageBody(text="Se her", cards=(Card(kind="parcel", title=ATTACK),))),
    (entry(3, "visitor", "intake", Purpose.CASE), GIVEN),
    (entry(4, "agent", "message", Purpose.CASE), MessageBody(text="Hei", speaker="Kari")),
]
SCHEMA = Draft202012Validator(schema())
FILE = CaseFile(cases=(case_record(),), looks=(look("agent"), look(), look("dpo", "agent")))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_readable_and_nothing_in_it_runs(language: str) -> None:
    tags = Tags()
    page = as_html(export(FILE), SAID, language)
    tags.feed(page)
    assert tags.seen <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "small", "article", "strong",
        "p",
    }  # fmt: skip
    assert "Kari" in page
    assert "kunde-1042" in page
    assert f'lang="{language}"' in page
    assert "{" not in page.split("</style>")[1], "every place is filled in"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_words(language: Any) -> None:
    assert labels(language).keys() == labels("en").keys()


def test_the_page_says_what_is_kept_why_and_who_looked_in_which_role() -> None:
    page = as_html(export(FILE), SAID, "nb")
    for said in (
        "Fjellbekk Friluft AS (000 000 000, Bekkeveien 1, 0000 Eksempel)", "i høyst 90 dager",
        "i høyst 365 dager", "Order number: 10482217", "Slettes senest 2027-03-02",
        "2026-03-02 13:00 · Kundeservice · leste: skjema, samtale",
        "En ansatt · leste", "Personvernombud, Kundeservice · leste",
    ):  # fmt: skip
        assert said in page
    assert "Ingen hos kundeservice" in as_html(export(CaseFile()), SAID)
    assert as_html(export(), SAID).count("kunne ikke hentes akkurat nå") == 2


def test_the_data_names_who_spoke_why_it_is_kept_until_when_and_who_looked() -> None:
    data = json.loads(as_json(export(FILE), SAID))
    assert [one["author"] for one in data["messages"]] == ["visitor", "bot", "visitor", "agent"]
    assert [one["purpose"] for one in data["messages"]] == ["dialogue", "dialogue", "case", "case"]
    assert data["messages"][2]["fields"] == {"order_number": ATTACK}
    assert all("deleted_no_later_than" in message for message in data["messages"])
    assert data["controller"]["name"] == "Fjellbekk Friluft AS"
    assert data["purposes"] == [
        {"purpose": "dialogue", "days": 90},
        {"purpose": "case", "days": 365},
    ]
    assert data["cases"][0]["facts"] == {"order_number": "10482217"}
    assert [one["roles"] for one in data["read_by"]] == [["agent"], [], ["dpo", "agent"]]
    assert data["improvement"] == {"objected": False, "since": None}
    assert json.loads(as_json(export(), SAID))["read_by"] is None, "not known is not nobody"


def test_an_empty_conversation_says_so() -> None:
    assert "Samtalen er tom." in as_html(export(), [])
    assert "Samtalen er tom." not in as_html(export(), SAID)
    assert json.loads(as_json(export(), []))["messages"] == []


def test_what_the_bot_said_while_people_had_the_say_is_marked_and_nothing_else() -> None:
    minute = timedelta(minutes=1)
    said: list[Opened] = [
        (entry(n, author).model_copy(update={"sent_at": NOW + n * minute}), MessageBody(text="…"))
        for n, author in enumerate(("bot", "bot", "agent", "visitor", "bot", "bot"))
    ]
    people = ((NOW + minute, NOW + 4 * minute), (NOW + 5 * minute, None))
    made = export(people=people)
    shown = [message["shown"] for message in json.loads(as_json(made, said))["messages"]]
    assert shown == [True, False, True, True, True, False]
    assert as_html(made, said).count("ikke vist i chatten") == 2
    assert "ikke vist" not in as_html(export(), said)


def test_cases_say_it_too_where_the_gateway_is_not_asked() -> None:
    minute = timedelta(minutes=1)
    said: list[Opened] = [
        (entry(n, "bot").model_copy(update={"sent_at": NOW + n * minute}), MessageBody(text="…"))
        for n in range(6)
    ]
    over = case_record(queued_at=NOW + minute, ended_at=NOW + 3 * minute)
    made = export(CaseFile(cases=(over, case_record(queued_at=NOW + 5 * minute))))
    shown = [message["shown"] for message in json.loads(as_json(made, said))["messages"]]
    assert shown == [True, False, False, False, True, False]
    assert as_html(made, said).count("ikke vist i chatten") == 4


def test_a_case_has_what_the_shop_added_to_what_was_filled_in() -> None:
    customer = Customer(sub="kunde-1042", name="Kari Nordmann", email="kari@kunde.example")
    context = PageContext(page="https://fjellbekk.example/telt", product="Telt", order="10482217")
    case = case_record(ended_at=NOW + timedelta(hours=1), closed_reason="solved")
    form = IntakeBody(fields={"order_number": "10482217"}, customer=customer, context=context)
    made = replace(export(CaseFile(cases=(case,))), forms={str(case.case_id): form})
    (told,) = json.loads(as_json(made, []))["cases"]
    assert (
        IntakeBody(fields=told["facts"], customer=told["customer"], context=told["context"]) == form
    )
    assert (told["ended_at"], told["ended_as"]) == ("2026-03-02T13:00:00Z", "solved")
    (bare,) = json.loads(as_json(export(CaseFile(cases=(case_record(),))), []))["cases"]
    assert (bare["customer"], bare["context"], bare["ended_at"]) == (None, None, None)
    page = as_html(made, [])
    for value in (*customer.model_dump().values(), *context.model_dump().values()):
        assert value in page


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BODIES = st.one_of(
    st.builds(
        MessageBody, text=TEXT, language=st.none() | TEXT, speaker=st.none() | TEXT,
        buttons=st.tuples(st.builds(Button, text=TEXT)) | st.just(()),
        cards=st.tuples(st.builds(Card, kind=st.just("parcel"), title=TEXT)) | st.just(()),
    ),
    st.builds(IntakeBody, fields=st.dictionaries(TEXT, TEXT, max_size=3)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["visitor", "bot", "agent"]), BODIES), max_size=6))
def test_what_is_read_back_is_what_was_stored_and_the_schema_knows_it(
    said: list[tuple[str, MessageBody | IntakeBody]],
) -> None:
    stored: list[Opened] = [
        (entry(seq, author, "intake" if isinstance(body, IntakeBody) else "message"), body)
        for seq, (author, body) in enumerate(said, start=1)
    ]
    text = as_json(export(FILE), stored)
    SCHEMA.validate(json.loads(text))
    found = verify_proof(text, KEYS).model_dump()["messages"]
    assert [(UUID(str(one["message_id"])), one["author"]) for one in found] == [
        (kept.message_id, kept.author) for kept, _ in stored
    ]
    for one, (_, body) in zip(found, stored, strict=True):
        assert one | body.model_dump() == one


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(min_size=1, max_size=2 * PIECE), max_size=3))
def test_files_are_read_back_as_they_were_given(contents: list[bytes]) -> None:
    given = [(held(size=len(content)), content) for content in contents]
    text = as_json(export(FILE), SAID, files=given)
    SCHEMA.validate(json.loads(text))
    proof: Any = verify_proof(text, KEYS)
    assert [(one.attachment_id, b64decode(one.content, validate=True)) for one in proof.files] == [
        (one.file.attachment_id, content) for one, content in given
    ]
    assert {one.deleted_no_later_than for one in proof.files} <= {NOW + timedelta(days=365)}


def test_the_page_holds_every_file_under_the_name_that_its_message_has() -> None:
    picture, paper = held(size=999), held("application/pdf", size=31_001)
    said = MessageBody(text="", attachments=(picture.file, paper.file))
    files = [(picture, b"\xff" * (PIECE + 1)), (paper, b"%PDF")]
    page = as_html(export(), [(entry(1, "visitor"), said)], "nb", files)
    tags = Tags()
    tags.feed(page)
    assert {"img", "a"} <= tags.seen
    for one, _ in files:
        assert page.count(f'id="file-{one.file.attachment_id}"') == 1
        assert page.count(f'href="#file-{one.file.attachment_id}"') == 1
    assert page.count("Bilde · PNG · 1 kB") == 3
    assert page.count("Dokument · PDF · 32 kB") == 2
    assert page.count("<h2>Filene dine</h2>") == 1
    assert page.count("Slettes senest 2027-03-02") == 2
    contents = re.findall(r"=\"data:([^;]+);base64,([^\"]*)\"", page)
    assert [(kind, b64decode(text, validate=True)) for kind, text in contents] == [
        (one.file.media_type, content) for one, content in files
    ]
    assert f'download="{paper.file.attachment_id}.pdf"' in page
    assert "Filene dine" not in as_html(export(), SAID)


def changed(change: Callable[[Any], None]) -> str:
    data = json.loads(as_json(export(FILE), SAID, files=((held(), b"one"), (held(), b"two"))))
    change(data)
    return json.dumps(data, indent=1)


CHANGES: dict[str, Callable[[Any], None]] = {
    "a word": lambda data: data["messages"][0].update(text="Noe annet"),
    "a message less": lambda data: data["messages"].pop(),
    "another order": lambda data: data["messages"].reverse(),
    "a message more": lambda data: data["messages"].append(data["messages"][0]),
    "a new field": lambda data: data.update(note="not signed"),
    "a look less": lambda data: data["read_by"].pop(),
    "another end": lambda data: data["messages"][0].update(deleted_no_later_than="2036-03-02T12:00:00+00:00"),
    "another file": lambda data: data["files"][0].update(content="b25F"),
    "a file less": lambda data: data["files"].pop(),
    "no files": lambda data: data.pop("files"),
    "a longer life of a file": lambda data: data["files"][0].update(
        deleted_no_later_than="2036-03-02T12:00:00+00:00"
    ),
    "another digest": lambda data: data["signature"].update(digest="0" * 64),
    "another number": lambda data: data["signature"].update(messages=3),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_a_download_is_found(change: Callable[[Any], None]) -> None:
    with pytest.raises(Altered):
        verify_proof(changed(change), KEYS)


def test_it_stays_genuine_however_it_is_written_down_and_for_its_own_key_only() -> None:
    proof = verify_proof(changed(lambda _: None), KEYS)
    assert proof.merchant_id == "fjellbekk"
    other = read_keys(json.dumps(Signer(bytes(32)).published()))
    with pytest.raises(UnknownKey):
        verify_proof(changed(lambda _: None), other)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "prat-export/1"}', '{"format": "prat-export/2"}', '{"a":1,"a":2}'],
)
def test_what_is_no_download_is_named_as_such(text: str) -> None:
    with pytest.raises(NotAReceipt):
        verify_proof(text, KEYS)
