"""Files on a real store: five of a conversation, each once, found by their own place, erased with it."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.attachment import MOST_BYTES, MOST_FILES, Attachment
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.errors import Refused, Unavailable
from libs.kit.mongo import Client
from libs.kit.outbox import Outbox
from libs.privacy.sealing import Place
from services.handoff.accounts import AccountStore, account_of
from services.handoff.agents import Agents
from services.handoff.rights import Agent, Grant, Role
from services.retention.attachments import ATTACHMENTS, AttachmentStore
from services.retention.domain import Erasure, requested
from services.retention.ledger import Ledger
from services.retention.receipts import Signer
from services.retention.store import RetentionStore
from tests.builders import NoBus, conversation_id, pack
from tests.console_room import QUICK
from tests.handoff_house import KARI, House, handoff_house

SIGNER = Signer(bytes(range(32)))
TRIES = 20
PDF = b"%PDF-1.7\n%%EOF\n"


class Shelf:
    """Retention's files and entries on a clock that a test may turn."""

    def __init__(self, client: Client) -> None:
        self.at = utc_now()
        self.until = self.at + timedelta(days=30)
        self.files = AttachmentStore(client, self.now)
        self.store = RetentionStore(client, self.now)
        self.outbox = Outbox(self.store.db, NoBus())
        self.ledger = Ledger(client, self.outbox, SIGNER.sign, self.now)

    def now(self) -> datetime:
        return self.at

    async def give(self, place: Place, sealed: bytes = b"sealed") -> Attachment:
        """As a gateway does it, which tries again where it is asked to."""
        file = Attachment(attachment_id=place.event_id, media_type="image/png", size=len(sealed))
        for _ in range(TRIES):
            try:
                await self.files.add(place, file, sealed, self.until)
            except Unavailable:
                await asyncio.sleep(0.02)
            else:
                return file
        raise AssertionError(place)


@pytest.fixture
async def shelf(client: Client) -> Shelf:
    shelf = Shelf(client)
    await shelf.store.prepare()
    await shelf.ledger.prepare()
    return shelf


def place(conversation: str) -> Place:
    return Place("fjellbekk", conversation, uuid4(), "attachment")


async def test_a_file_is_kept_once_and_found_by_its_own_place_until_its_end(shelf: Shelf) -> None:
    mine = place(conversation_id())
    large = bytes(MOST_BYTES)
    file = await shelf.give(mine, large)
    await shelf.give(mine, large)
    assert await shelf.files.of(mine.conversation_id) == [file]
    assert await shelf.files.find(mine) == (file, large)
    for other in (
        replace(mine, merchant_id="havsro"), replace(mine, conversation_id=conversation_id()),
        replace(mine, event_id=uuid4()),
    ):  # fmt: skip
        assert await shelf.files.find(other) is None
    shelf.at = shelf.until
    assert await shelf.files.find(mine) is None
    assert await shelf.files.of(mine.conversation_id) == []


async def test_many_at_once_are_five(shelf: Shelf) -> None:
    conversation = conversation_id()
    given = await asyncio.gather(
        *(shelf.give(place(conversation)) for _ in range(MOST_FILES + 4)), return_exceptions=True
    )
    refused = [one.code for one in given if isinstance(one, Refused)]
    assert refused == ["attachment_limit"] * 4
    assert len(await shelf.files.of(conversation)) == MOST_FILES


async def test_an_erasure_takes_files_with_it_counts_them_and_lets_none_come_after(
    shelf: Shelf,
) -> None:
    mine, other = place(conversation_id()), place(conversation_id())
    await shelf.give(mine)
    await shelf.give(other)
    erasure = Erasure(uuid4(), "visitor", shelf.at)
    await shelf.ledger.begin("fjellbekk", mine.conversation_id, erasure)
    await shelf.store.erase(requested(erasure, "fjellbekk", mine.conversation_id), 2, shelf.outbox)
    said = shelf.store.db["outbox"].find({"event": {"$regex": mine.conversation_id}})
    assert '"attachments":1' in "".join([row["event"] async for row in said])
    assert await shelf.store.db[ATTACHMENTS.name].count_documents(
        {"conversation_id": mine.conversation_id}
    ) == 0  # fmt: skip
    with pytest.raises(Refused, match="erased"):
        await shelf.give(place(mine.conversation_id))
    assert await shelf.files.find(other)


async def copy_of_the_rights_desk(house: House, client: Client, conversation: str) -> Any:
    """What a person gets who asks the shop for it."""
    officer = Agent("dpo@fjellbekk.example", "Dag", (Grant("fjellbekk", frozenset({Role.DPO})),))
    agents = Agents(AccountStore(client), QUICK)
    await agents.set_account(officer.agent_id, account_of(officer), "officer-1")
    headers = {"x-prat-console": "1", "origin": house.console}
    wish = {"merchant_id": "fjellbekk", "kind": "access", "language": "nb"}
    async with httpx.AsyncClient(base_url=house.console, headers=headers, timeout=10) as desk:
        form = {"email": officer.agent_id, "password": "officer-1"}
        assert (await desk.post("/api/login", json=form)).is_success
        path = f"/api/requests/{(await desk.post('/api/requests', json=wish)).json()['id']}"
        named = await desk.post(f"{path}/reference", json={"conversation_id": conversation})
        assert named.is_success, named.text
        return (await desk.get(f"{path}/export/{conversation}")).json()


async def test_a_file_goes_to_people_stands_in_the_download_and_goes_with_the_conversation(
    house_env: Mapping[str, str], client: Client
) -> None:
    packs = Packs(pack(attachments="people"))
    async with handoff_house(house_env, KARI, packs=packs) as house, house.visitor() as visitor:
        conversation = f"/v1/conversations/{visitor.conversation_id}"
        path = f"{conversation}/attachments/{uuid4()}"
        early = await visitor.call("PUT", path, content=PDF)
        assert (early.status_code, early.json()["error"]["code"]) == (409, "attachments_for_people")
        await visitor.ask_for_person("track_parcel", order_number="10482217")
        await visitor.until(lambda me: me.owner.get("position"))
        file = (await visitor.call("PUT", path, content=PDF)).json()
        assert (await visitor.call("PUT", path, content=PDF)).json() == file, "the same again"
        frame = {"type": "message", "client_id": str(uuid4()), "text": "Kvitteringen"}
        await visitor._send(frame | {"attachments": [file["attachment_id"]]})
        await visitor.until(lambda me: me.last_seq == 2)
        own = f"{conversation}/attachments/{file['attachment_id']}"
        assert (await visitor.call("GET", own)).content == PDF
        async with house.agent() as kari:
            (case,) = (await kari.get("/api/queue")).json()["waiting"]
            path = f"/api/cases/{case['case_id']}"
            (message,) = (await kari.get(path)).json()["messages"][1:]
            assert message["attachments"] == [file]
            taken = await kari.get(f"{path}/attachments/{file['attachment_id']}")
            assert taken.content == PDF
        data = (await visitor.call("GET", f"{conversation}/export")).json()
        assert data["messages"][1]["attachments"] == [file]
        (kept,) = data["files"]
        assert (kept["attachment_id"], b64decode(kept["content"])) == (file["attachment_id"], PDF)
        page = await visitor.call("GET", f"{conversation}/export?format=html")
        assert b64encode(PDF).decode() in page.text
        copy = await copy_of_the_rights_desk(house, client, visitor.conversation_id)
        assert (copy["files"], copy["messages"]) == (data["files"], data["messages"])
        assert (await visitor.call("DELETE", conversation)).status_code == 202
        assert (await visitor.call("GET", own)).status_code == 401
