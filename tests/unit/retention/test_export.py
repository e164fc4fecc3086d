"""The download: complete, readable, and inert whatever a visitor wrote."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest

from libs.contracts.bodies import Card, IntakeBody, MessageBody
from libs.contracts.content import LANGUAGES
from libs.contracts.sealed import Purpose
from libs.contracts.transcript import StoredMessage
from services.retention.export import Export, Opened
from tests.builders import NOW, conversation_id, merchant, sealed

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def entry(
    seq: int, author: str, kind: str = "message", purpose: Purpose = Purpose.DIALOGUE
) -> StoredMessage:
    return StoredMessage(
        message_id=uuid4(), merchant_id="fjellbekk", conversation_id="a" * 32, seq=seq,
        author=author, kind=kind, sealed=sealed(purpose), sent_at=NOW, expires_at=NOW,
    )  # fmt: skip


@pytest.fixture
def export() -> Export:
    entries: list[Opened] = [
        (entry(1, "visitor"), MessageBody(text=f"Hvor er pakken? {ATTACK}")),
        (entry(2, "bot"), MessageBody(text="Se her", cards=(Card(kind="parcel", title=ATTACK),))),
        (entry(3, "visitor", "intake", Purpose.CASE), IntakeBody(fields={"order_number": ATTACK})),
        (entry(4, "agent", "message", Purpose.CASE), MessageBody(text="Hei", speaker="Kari")),
    ]
    return Export(merchant(), conversation_id(), entries, NOW)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_readable_and_nothing_in_it_runs(export: Export, language: str) -> None:
    tags = Tags()
    page = export.as_html(language)
    tags.feed(page)
    assert tags.seen <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "small",
        "article",
        "strong",
        "p",
    }
    assert "Kari" in page
    assert f'lang="{language}"' in page


def test_the_data_names_who_spoke_why_it_is_kept_and_until_when(export: Export) -> None:
    data = json.loads(json.dumps(export.as_json()))
    assert [message["author"] for message in data["messages"]] == [
        "visitor",
        "bot",
        "visitor",
        "agent",
    ]
    assert [message["purpose"] for message in data["messages"]] == [
        "dialogue",
        "dialogue",
        "case",
        "case",
    ]
    assert data["messages"][2]["fields"] == {"order_number": ATTACK}
    assert all("deleted_no_later_than" in message for message in data["messages"])
    assert data["controller"]["name"] == "Fjellbekk Friluft AS"


def test_an_empty_conversation_says_so() -> None:
    page = Export(merchant(), conversation_id(), [], NOW).as_html("nb")
    assert "Samtalen er tom." in page


def test_what_the_bot_said_while_people_had_the_say_is_marked_and_nothing_else() -> None:
    minute = timedelta(minutes=1)
    said: list[Opened] = [
        (entry(n, author).model_copy(update={"sent_at": NOW + n * minute}), MessageBody(text="…"))
        for n, author in enumerate(("bot", "bot", "agent", "visitor", "bot", "bot"))
    ]
    people = ((NOW + minute, NOW + 4 * minute), (NOW + 5 * minute, None))
    export = Export(merchant(), conversation_id(), said, NOW, people)
    shown = [message["shown"] for message in export.as_json()["messages"]]
    assert shown == [True, False, True, True, True, False]
    assert export.as_html("nb").count("ikke vist i chatten") == 2
    assert "ikke vist" not in Export(merchant(), conversation_id(), said, NOW).as_html("nb")
