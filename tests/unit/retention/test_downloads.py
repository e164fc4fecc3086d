"""A download is written page by page: little memory, and never a half one that looks whole."""

import json
import re
import tracemalloc
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from libs.contracts.attachment import MOST_BYTES, MOST_FILES, Attachment
from libs.contracts.bodies import Customer, IntakeBody, MessageBody
from libs.contracts.casefile import CaseFile
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.transcript import StoredMessage
from libs.kit.content import Packs
from libs.kit.errors import Unavailable
from libs.kit.http import web_app
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.retention.attachments import Held
from services.retention.downloads import Downloads
from services.retention.proofs import verify_proof
from services.retention.receipts import read_keys
from tests.builders import NOW, pack
from tests.fixtures.keys import FakeKeyStore
from tests.unit.retention.exports import CONVERSATION, SIGNER, case_record, entry, held, look

KEKS = {Purpose.DIALOGUE: b"d" * 32, Purpose.CASE: b"c" * 32}
PATH = f"/internal/conversations/{CONVERSATION}/export"
INSIDE = {"authorization": "Bearer token"}
LONG = "ord " * 200


@dataclass
class Named:
    """Who the shop says the visitor is."""

    customer: Customer | None = None

    async def of(self, merchant_id: str, conversation_id: str) -> Customer | None:
        assert (merchant_id, conversation_id) == ("fjellbekk", CONVERSATION)
        return self.customer


@dataclass
class House:
    """A conversation of so many messages; after `pages` of them it is erased. Handoff may be away."""

    length: int = 0
    pages: int = 1_000_000
    casefile: CaseFile | None = None
    named: Any = field(default_factory=Named)

    def __post_init__(self) -> None:
        self.keys = FakeKeyStore()
        self.ring = KeyRing(self.keys, KEKS)
        self.given: dict[Place, tuple[Held, bytes]] = {}
        here: Any = self
        self.downloads = Downloads(
            here, self.named, here, here, SIGNER, Packs(pack()), self.ring, "token", lambda: NOW
        )

    async def sealed(self, place: Place, purpose: Purpose, body: BaseModel) -> Sealed:
        await self.ring.mint("fjellbekk", CONVERSATION, purpose, NOW)
        return await self.ring.seal(place, purpose, body)

    async def of(self, merchant_id: str, conversation_id: str) -> CaseFile | None:
        assert (merchant_id, conversation_id) == ("fjellbekk", CONVERSATION)
        return self.casefile

    async def objected_at(self, _conversation_id: str) -> None:
        return None

    async def entries(self, _id: str, at_once: int) -> AsyncIterator[list[StoredMessage]]:
        for first in range(1, self.length + 1, at_once):
            self.pages -= 1
            if self.pages < 0:
                return
            numbers = range(first, min(first + at_once, self.length + 1))
            yield [await self._message(number) for number in numbers]

    async def gives(self, content: bytes) -> None:
        one = held("application/pdf", len(content))
        place = Place("fjellbekk", CONVERSATION, one.file.attachment_id, "attachment")
        await self.ring.mint("fjellbekk", CONVERSATION, Purpose.CASE, NOW)
        self.given[place] = one, await self.ring.seal_file(place, Purpose.CASE, content)

    async def held(self, _conversation_id: str) -> list[Held]:
        return [one for one, _ in self.given.values()]

    async def find(self, place: Place) -> tuple[Attachment, bytes] | None:
        self.pages -= 1
        one, sealed = self.given[place]
        return (one.file, sealed) if self.pages >= 0 else None

    async def is_kept(self, _conversation_id: str) -> bool:
        return self.pages >= 0

    async def _message(self, number: int) -> StoredMessage:
        message = entry(number, "visitor" if number % 2 else "bot")
        place = Place("fjellbekk", CONVERSATION, message.message_id, "message")
        said = await self.sealed(place, Purpose.DIALOGUE, MessageBody(text=f"{number} {LONG}"))
        return message.model_copy(update={"sealed": said})

    async def get(self, **query: Any) -> httpx.Response:
        transport = httpx.ASGITransport(web_app(self.downloads.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://retention") as http:
            whose = {"merchant_id": "fjellbekk"}
            return await http.get(PATH, params=whose | query, headers=INSIDE)


async def test_all_pages_are_in_the_file_once_and_it_is_signed() -> None:
    house, case = House(1_203), case_record()
    place = Place("fjellbekk", CONVERSATION, case.request_id, "intake")
    form = await house.sealed(place, Purpose.CASE, IntakeBody(fields={"order_number": "10482217"}))
    case = case.model_copy(update={"intake": form})
    house.casefile = CaseFile(cases=(case,), looks=(look("agent"),))
    answer = await house.get()
    proof: Any = verify_proof(answer.content, read_keys(json.dumps(SIGNER.published())))
    assert [one.seq for one in proof.messages] == [*range(1, 1_204)]
    assert proof.cases[0].facts == {"order_number": "10482217"}
    assert proof.read_by == (look("agent"),)
    page = (await house.get(format="html", locale="sv")).text
    assert page.count("<article") == 1_203
    assert page.endswith("</body></html>")


async def test_who_the_shop_says_it_is_stands_in_the_file_without_any_case() -> None:
    house, customer = House(1), Customer(sub="kunde-1042", name="Kari Nordmann")
    assert (await house.get()).json()["customer"] is None
    assert "Hvem butikken" not in (await house.get(format="html", locale="nb")).text
    house.named.customer = customer
    answer = await house.get()
    proof: Any = verify_proof(answer.content, read_keys(json.dumps(SIGNER.published())))
    assert proof.customer == customer
    page = (await house.get(format="html", locale="nb")).text
    for said in ("Hvem butikken sier at du er", "kunde-1042", "Kari Nordmann"):
        assert said in page


async def test_every_file_is_in_the_download_as_it_was_given() -> None:
    house, contents = House(3), [b"%PDF one", b"%PDF two"]
    for content in contents:
        await house.gives(content)
    answer = await house.get()
    proof: Any = verify_proof(answer.content, read_keys(json.dumps(SIGNER.published())))
    assert [b64decode(one.content) for one in proof.files] == contents
    page = (await house.get(format="html")).text
    assert [b64decode(text) for text in re.findall(r"base64,([^\"]*)\"", page)] == contents


async def test_while_handoff_is_away_the_file_says_that_it_does_not_know() -> None:
    data = (await House(1).get()).json()
    assert (data["cases"], data["read_by"]) == (None, None)


@pytest.mark.parametrize("form", ["json", "html"])
async def test_what_is_erased_meanwhile_is_never_a_file_that_looks_whole(form: str) -> None:
    with pytest.raises(RuntimeError) as broken:
        await House(1_203, pages=2).get(format=form)
    assert isinstance(broken.value.__cause__, Unavailable)


@pytest.mark.parametrize("form", ["json", "html"])
async def test_a_file_that_is_erased_meanwhile_breaks_the_download_off(form: str) -> None:
    house = House(3, pages=2)
    for _ in range(3):
        await house.gives(b"%PDF")
    with pytest.raises(RuntimeError) as broken:
        await house.get(format=form)
    assert isinstance(broken.value.__cause__, Unavailable)


async def test_what_was_erased_before_is_gone() -> None:
    house = House(3, casefile=CaseFile(cases=(case_record(),)))
    answer = await house.get()
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "erased")


@pytest.mark.parametrize("people", ["", "yesterday", "2026-03-02T12:00:00/..", "../.."])
async def test_only_intervals_are_taken_as_such(people: str) -> None:
    answer = await House(1).get(people=people)
    assert answer.json()["error"]["code"] == "invalid_interval"


def request(headers: Mapping[str, str]) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({
        "type": "http", "method": "GET", "path": PATH, "headers": raw,
        "query_string": b"merchant_id=fjellbekk",
        "path_params": {"conversation_id": CONVERSATION},
    })  # fmt: skip


async def measured(house: House) -> tuple[int, int]:
    """The bytes of a download, and the most that was in memory for it at a time."""
    answer = await house.downloads.export(request(INSIDE))
    assert isinstance(answer, StreamingResponse)
    tracemalloc.start()
    written = 0
    async for piece in answer.body_iterator:
        written += len(piece)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return written, most


async def test_ten_thousand_messages_need_the_memory_of_a_page() -> None:
    written, most = await measured(House(10_000))
    assert written > 8_000_000
    assert most < 6_000_000


async def test_the_most_and_largest_files_need_the_memory_of_one() -> None:
    house = House(1)
    for _ in range(MOST_FILES):
        await house.gives(bytes(MOST_BYTES))
    written, most = await measured(house)
    assert written > MOST_FILES * MOST_BYTES * 4 / 3
    assert most < 4 * MOST_BYTES
