"""A whole merchant in a running house: taken along, then gone everywhere; its neighbours notice nothing."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from typer.testing import CliRunner

from deploy.cli import merchant as command
from deploy.cli import privacy
from deploy.cli.content import publish_folder
from deploy.cli.published import settings_of
from deploy.demo.runner import DemoHouse
from deploy.merchant.reach import count
from deploy.privacy.holdings import collections
from deploy.privacy.source import running
from libs.contracts.topics import CONTENT
from libs.kit.audit import KEY_FILE, Audit
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Client, connect
from services.handoff.accounts import AccountStore
from tests.visitor import Visitor

pytestmark = pytest.mark.connected

PATIENCE_SECONDS = 60.0
CANARY = "Kanarifugl 4711 ved bryggen"


@dataclass(frozen=True)
class Shop:
    """A shop of this test's own in the demo house."""

    id: str
    origin: str
    gateway: str

    def visitor(self) -> Visitor:
        return Visitor(self.gateway, self.origin, self.id)


def quiet(_done: int, _of: int) -> None:
    """Nobody watches."""


@pytest.fixture
def environment(demo_house: DemoHouse) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(demo_house.env)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
async def store(demo_house: DemoHouse, environment: None) -> AsyncIterator[Client]:
    client = connect(demo_house.env["MONGO_URL"])
    yield client
    client.close()


@pytest.fixture
async def shop(demo_house: DemoHouse, store: Client, tmp_path: Path) -> Shop:
    name = f"leaver-{uuid4().hex[:6]}"
    shop = Shop(name, f"https://{name}.example", demo_house.env["PRAT_GATEWAY_URL"])
    folder = shutil.copytree(demo_house.content / "fjellbekk", tmp_path / name)
    file = folder / "merchant.yaml"
    text = file.read_text("utf-8").replace("id: fjellbekk", f"id: {name}", 1)
    text = text.replace("${PRAT_SHOP_FJELLBEKK_URL:-http://127.0.0.1:8080}", shop.origin)
    file.write_text(text, "utf-8")
    await publish_folder(folder, demo_house.env)
    agents = AccountStore(store)
    grants = [
        {"merchant_id": each, "roles": ["agent"], "skills": ["*"]} for each in (name, "fjellbekk")
    ]
    person = {"name": "Ada", "password": "x", "languages": []}
    await agents.put_account(f"only@{name}.example", person | {"grants": grants[:1]})
    await agents.put_account(f"both@{name}.example", person | {"grants": grants})
    await until(lambda: known(shop))

    async def is_kept() -> bool:
        return bool((await count(store, name)).get("nlu.publications"))

    await until(is_kept)
    return shop


async def known(shop: Shop) -> bool:
    async with httpx.AsyncClient(base_url=shop.gateway) as client:
        answer = await client.get(f"/v1/merchants/{shop.id}", headers={"origin": shop.origin})
    return answer.is_success


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.2)


async def talk(shop: Shop) -> str:
    """A visitor who asked the bot and then for a person; the conversation."""
    async with shop.visitor() as visitor:
        await visitor.say(CANARY)
        await visitor.until(lambda me: me.last_seq >= 2)
        await visitor.ask_for_person("track_parcel", order_number="10482217")
        await visitor.until(lambda me: me.owner.get("owner", "bot") != "bot")
        return visitor.conversation_id


async def audit_of(store: Client, shop: Shop) -> list[dict[str, Any]]:
    """What the audit log says of a shop, the newest first."""
    log = Audit(store, "handoff", settings_of(os.environ).key(KEY_FILE))
    return await log.entries({"merchant_id": shop.id})


async def tombstones(house: DemoHouse, key: str) -> list[bool]:
    """Whether each record of a key on the content topic is the end of it, in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=house.env["KAFKA_BOOTSTRAP"])
    await consumer.start()
    try:
        partitions = [TopicPartition(CONTENT.name, n) for n in range(CONTENT.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[bool] = []
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [r.value is None for r in records if r.key == key.encode()]
        return found
    finally:
        await consumer.stop()


async def test_a_merchant_is_taken_along_and_then_gone(
    demo_house: DemoHouse, store: Client, shop: Shop, tmp_path: Path
) -> None:
    conversations = [await talk(shop) for _ in range(3)]
    neighbour = await count(store, "fjellbekk")

    async def all_there() -> bool:
        found = await count(store, shop.id)
        return found.get("handoff.cases") == 3 and found.get("retention.messages", 0) >= 9

    await until(all_there)

    out = tmp_path / "shop.zip"
    counts = await command._export(shop.id, out, quiet)
    assert (counts["conversations"], counts["cases"], counts["people"]) == (3, 3, 2)
    with ZipFile(out) as archive:
        names = {*archive.namelist()}
        manifest = json.loads(archive.read("manifest.json"))
        people = json.loads(archive.read("people.json"))
        told = archive.read(f"conversations/{conversations[0]}.json").decode()
    assert {f"conversations/{one}.json" for one in conversations} <= names
    assert {*manifest["sha256"]} == names - {"manifest.json"}
    assert {"content/merchant.yaml", "privacy/notice.nb.md", "cases.json"} <= names
    assert CANARY in told
    assert "10482217" in told
    assert "fjellbekk" not in json.dumps(people)
    assert "password" not in json.dumps(people)
    assert out.stat().st_mode & 0o077 == 0

    gone = await command._erase(shop.id, 2.0, quiet)
    assert (gone["conversations"], gone["left"]) == (3, {})
    assert gone["erased"]["retention.messages"] >= 9
    assert await count(store, shop.id) == {}
    assert (await tombstones(demo_house, shop.id))[-1] is True
    agents = {one["_id"]: one for one in await AccountStore(store).accounts()}
    assert f"only@{shop.id}.example" not in agents
    assert [g["merchant_id"] for g in agents[f"both@{shop.id}.example"]["grants"]] == ["fjellbekk"]
    assert await count(store, "fjellbekk") == neighbour

    async def unknown() -> bool:
        async with httpx.AsyncClient(base_url=shop.gateway) as client:
            answer = await client.get(f"/v1/merchants/{shop.id}", headers={"origin": shop.origin})
        return answer.status_code == 404

    await until(unknown)
    noted = await audit_of(store, shop)
    assert [entry["what"] for entry in noted] == ["merchant_erased", "merchant_exported"]
    assert {entry["who"] for entry in noted} == {"command line"}
    again = await command._erase(shop.id, 2.0, quiet)
    assert (again["conversations"], again["erased"]) == (0, {})


async def test_a_leaving_that_cannot_end_says_what_is_left_and_goes_on_later(
    demo_house: DemoHouse, store: Client, shop: Shop
) -> None:
    conversation = await talk(shop)
    with pytest.raises(ConfigurationError, match="Not everything is gone yet"):
        await command._erase(shop.id, 0.0, quiet)
    assert await count(store, shop.id)
    gone = await command._erase(shop.id, 2.0, quiet)
    assert gone["left"] == {}
    late = {
        "_id": conversation, "merchant_id": shop.id, "language": "nb", "version": 1,
        "expires_at": utc_now() + timedelta(days=1),
    }  # fmt: skip
    await store["prat_nlu"]["dialogues"].insert_one(late)
    again = await command._erase(shop.id, 2.0, quiet)
    assert (again["erased"], again["left"]) == ({"nlu.dialogues": 1}, {})


async def test_an_unconfirmed_erasure_erases_nothing(store: Client, shop: Shop) -> None:
    async with asyncio.timeout(30):
        # Who is there for the new shop is said by a round, which may come a little later.
        while "handoff.staffing" not in (before := await count(store, shop.id)):
            await asyncio.sleep(0.1)
    assert before["nlu.packs"] == 1
    answer = await asyncio.to_thread(
        CliRunner().invoke, command.app, ["erase", shop.id, "--confirm", "fjellbekk"]
    )
    assert answer.exit_code == 1
    assert "Nothing was erased" in answer.stderr
    assert f"--confirm {shop.id}" in answer.stderr
    assert await count(store, shop.id) == before


async def test_every_collection_in_the_running_store_is_in_the_data_map(store: Client) -> None:
    known = {row.place for row in collections(400)} | {"journal.commits"}
    found = {
        f"{name.removeprefix('prat_')}.{collection}"
        for name in await store.list_database_names()
        if name.startswith("prat_")
        for collection in await store[name].list_collection_names()
    }
    assert len(found) > 30
    assert found - known == set()


async def test_the_papers_are_made_from_what_is_published_in_the_store(
    store: Client, shop: Shop
) -> None:
    def lint(*options: str) -> Any:
        return CliRunner().invoke(privacy.app, ["lint", *options])

    told = await asyncio.to_thread(lint, "--merchant", shop.id)
    assert told.output == "Nothing is missing, and nothing differs.\n"
    row = {
        "_id": str(uuid4()), "merchant_id": shop.id, "conversation_id": uuid4().hex, "seq": 1,
        "sealed": {"purpose": "dialogue"}, "sent_at": utc_now(),
        "expires_at": utc_now() + timedelta(days=91),
    }  # fmt: skip
    await store["prat_retention"]["messages"].insert_one(row)
    told = await asyncio.to_thread(lint, "--merchant", shop.id)
    assert told.exit_code == 1
    assert "store:1: conversation_outlives: messages for dialogue" in told.output
    assert "1 finding." in told.output
    await store["prat_retention"]["messages"].delete_one({"_id": row["_id"]})
    file = row | {"media_type": "image/png", "size": 1, "sealed": b"sealed", "given_at": utc_now()}
    await store["prat_retention"]["attachments"].insert_one(file)
    told = await asyncio.to_thread(lint, "--merchant", shop.id)
    assert "store:1: attachments_unsaid: files are stored" in told.output
    assert "1 finding." in told.output
    await store["prat_retention"]["attachments"].delete_one({"_id": row["_id"]})
    run = await running(shop.id, None)
    assert run.merchant.origins == (shop.origin,)
    with pytest.raises(ConfigurationError, match="Nothing was published for nobody"):
        await running("nobody", None)
