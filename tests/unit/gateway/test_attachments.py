"""Files at the door: for people only, by content, once each, for the giver alone, and never run."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from libs.contracts.attachment import MOST_BYTES, Attachment
from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import MessageReceived
from libs.kit.content import Packs
from libs.kit.errors import Refused, Unavailable
from libs.kit.files import file_name
from libs.kit.http import web_app
from libs.privacy.sealing import Place
from services.gateway import attachments
from services.gateway.attachments import AT_ONCE, EVERY_SECONDS, AttachmentRoutes
from services.gateway.domain import Owner, Ownership
from tests.builders import NOW, ORIGIN, pack
from tests.unit.gateway.test_visit import Tabbed

SECRET = "visitor-token"
HEADERS = {"origin": ORIGIN, "authorization": f"Bearer {SECRET}"}
PDF = b"%PDF-1.7\n%%EOF\n"


class Shelf:
    """Retention's files, in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[Place, tuple[Attachment, bytes]] = {}
        self.is_away = False

    async def give(self, place: Place, file: Attachment, sealed: bytes) -> None:
        if self.is_away:
            raise Unavailable("retention")
        self.kept[place] = (file, sealed)

    async def file(self, place: Place) -> tuple[Attachment, bytes]:
        if place not in self.kept:
            raise Refused(404, "unknown_attachment", "There is no such file.", "")
        return self.kept[place]

    async def files(self, conversation_id: str) -> list[Attachment]:
        mine = [place for place in self.kept if place.conversation_id == conversation_id]
        return [self.kept[place][0] for place in mine]


class Counter(Tabbed):
    """A visitor of a shop that takes files, in the queue, and the HTTP edge."""

    def __init__(self, owner: Owner = Owner.QUEUE, attachments: str = "people") -> None:
        super().__init__(Ownership(owner=owner))
        self.shelf = Shelf()
        self.door.transcript = cast("Any", self.shelf)
        shop = pack()
        merchant = shop.merchant.model_copy(update={"attachments": attachments})
        self.door.content = Packs(shop.model_copy(update={"merchant": merchant}))
        token_hash = hashlib.sha256(SECRET.encode()).digest()
        self.session = replace(self.tab.session, token_hash=token_hash)
        self.store.kept[self.id] = self.session
        app = web_app(AttachmentRoutes(self.door).routes())
        transport = httpx.ASGITransport(app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://chat.example")

    async def open(self) -> "Counter":
        await self.door.ring.mint("fjellbekk", self.id, Purpose.CASE, NOW)
        return self

    async def give(
        self,
        content: bytes,
        client_id: UUID | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, Any]:
        path = f"/v1/conversations/{self.id}/attachments/{client_id or uuid4()}"
        answer = await self.http.put(path, content=content, headers=HEADERS | dict(more))
        return answer.status_code, answer.json().get("error", {}).get("code", answer.json())

    async def fetch(self, file_id: str, **more: str) -> httpx.Response:
        path = f"/v1/conversations/{self.id}/attachments/{file_id}"
        return await self.http.get(path, headers=HEADERS | more)


@pytest.fixture
async def counter() -> Counter:
    return await Counter().open()


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "JPEG", comment="PLANTED")
    return made.getvalue()


async def test_a_file_is_kept_sealed_once_and_comes_back_as_a_file_only(counter: Counter) -> None:
    client_id = uuid4()
    status, file = await counter.give(photo(), client_id, {"content-type": "application/pdf"})
    assert (status, file["media_type"]) == (201, "image/jpeg"), "the content counts, not its name"
    assert (await counter.give(photo(), client_id))[1] == file
    ((place, (_, sealed)),) = counter.shelf.kept.items()
    assert (place.merchant_id, place.field) == ("fjellbekk", "attachment")
    assert b"\xff\xd8\xff" not in sealed
    answer = await counter.fetch(file["attachment_id"])
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert len(answer.content) == file["size"]
    assert b"PLANTED" not in answer.content
    told = answer.headers
    assert told["content-disposition"] == f"attachment; filename={file['attachment_id']}.jpeg"
    assert told["content-security-policy"] == "default-src 'none'; sandbox"
    assert (told["x-content-type-options"], told["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"", (422, "attachment_empty")), (b"<html>", (415, "attachment_type")),
        (PDF + bytes(6_000_000), (413, "attachment_too_large")),
        (PDF + bytes(MOST_BYTES), (413, "attachment_too_large")),
        (b"\xff\xd8\xff\xe0 no photo", (422, "attachment_unreadable")),
    ],
)  # fmt: skip
async def test_what_is_not_a_file_of_ours_is_refused(
    counter: Counter, content: bytes, refused: tuple[int, str]
) -> None:
    assert await counter.give(content) == refused
    assert not counter.shelf.kept


async def test_files_in_a_hurry_are_asked_to_wait(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0)
    monkeypatch.setattr(attachments, "time", clock)
    given = [await counter.give(b"<html>") for _ in range(AT_ONCE + 1)]
    assert [status for status, _ in given] == [415] * AT_ONCE + [429]
    clock.monotonic = lambda: 1000.0 + EVERY_SECONDS
    assert (await counter.give(PDF))[0] == 201
    assert await counter.give(PDF) == (429, "too_fast")
    other = await Counter().open()
    counter.store.kept[other.id] = other.session
    await counter.door.ring.mint("fjellbekk", other.id, Purpose.CASE, NOW)
    counter.id = other.id
    assert (await counter.give(PDF))[0] == 201, "each conversation for itself"


def test_the_rate_of_so_many_conversations_is_remembered_and_no_more(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "REMEMBERED", 2)
    routes = AttachmentRoutes(counter.door)
    for number in range(AT_ONCE * 3):
        routes._check_rate(f"{number % 3}")
    assert len(routes._rates) == 2


@pytest.mark.parametrize(
    ("owner", "attachments", "refused"),
    [
        (Owner.BOT, "people", (409, "attachments_for_people")),
        (Owner.QUEUE, "off", (403, "attachments_off")),
        (Owner.AGENT, "off", (403, "attachments_off")),
    ],
)
async def test_files_are_for_people_and_off_unless_the_shop_says_so(
    owner: Owner, attachments: str, refused: tuple[int, str]
) -> None:
    counter = await Counter(owner, attachments).open()
    assert await counter.give(PDF) == refused
    assert not counter.shelf.kept


async def test_only_the_holder_of_the_token_gives_and_gets(counter: Counter) -> None:
    _, file = await counter.give(PDF)
    for foreign, refused in (
        ({"authorization": "Bearer another"}, (401, "token_wrong")),
        ({"origin": "https://evil.example"}, (403, "foreign_origin")),
    ):
        assert await counter.give(PDF, more=foreign) == refused
        answer = await counter.fetch(file["attachment_id"], **foreign)
        assert (answer.status_code, answer.json()["error"]["code"]) == refused
    other = await Counter().open()
    other.shelf.kept = counter.shelf.kept
    assert (await other.fetch(file["attachment_id"])).status_code == 404


async def test_an_erased_conversation_takes_and_gives_nothing(counter: Counter) -> None:
    _, file = await counter.give(PDF)
    await counter.door.ring.destroy("fjellbekk", counter.id, NOW)
    assert await counter.give(PDF) == (410, "erased")
    assert (await counter.fetch(file["attachment_id"])).status_code == 410


async def test_while_the_store_is_away_the_visitor_is_asked_to_try_again(counter: Counter) -> None:
    counter.shelf.is_away = True
    assert await counter.give(PDF) == (503, "unavailable")


async def said(counter: Counter, *files: str, text: str = "") -> list[str]:
    """Says something with files; the codes of refusals."""
    frame = {"type": "message", "client_id": str(uuid4()), "text": text, "attachments": [*files]}
    await counter.sends(frame)
    return counter.codes()


async def test_a_message_names_files_that_were_given_and_needs_no_words(counter: Counter) -> None:
    _, file = await counter.give(PDF)
    assert await said(counter, file["attachment_id"], file["attachment_id"]) == []
    (event,) = counter.said(MessageReceived)
    assert event.message.purpose is Purpose.CASE
    assert file["attachment_id"] not in event.model_dump_json(), "the bus knows of no file"
    body = await counter.door.ring.open(Place.of(event), event.message, MessageBody)
    assert body.attachments == (Attachment.model_validate(file),)
    (echo,) = counter.other.of("message")
    assert echo["attachments"] == [file]


async def test_a_file_that_is_not_there_is_not_said(counter: Counter) -> None:
    assert await said(counter, str(uuid4()), text="Se her") == ["unknown_attachment"]
    assert not counter.said(MessageReceived)


async def test_saying_nothing_at_all_is_malformed(counter: Counter) -> None:
    assert await said(counter) == ["malformed_frame"]


def test_a_file_is_never_called_what_its_giver_called_it() -> None:
    file = Attachment(attachment_id=UUID(int=7), media_type="application/pdf", size=1)
    assert file_name(file) == f"{UUID(int=7)}.pdf"
