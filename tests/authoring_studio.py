"""The authoring page's application on a real store, and editors who use it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from deploy.local.stack import Stack
from libs.contracts.content import PackPublished
from libs.contracts.envelope import Event
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.mongo import Client, Database, connect, database
from services.nlu.authoring.desk import AuthoringDesk
from services.nlu.authoring.doorway import Doorway
from services.nlu.authoring.drafts import Drafts
from services.nlu.authoring.editors import Editors, EditorStore
from services.nlu.authoring.routes import AuthoringRoutes
from services.nlu.authoring.versions import Versions
from services.nlu.content.packs import pack_of_texts
from services.nlu.understanding.brains import Brains
from tests.unit.nlu.small import MERCHANT

CANARY = "Planted canary 4711 kari@kunde.example"
SIRI, NILS = "siri@fjellbekk.example", "nils@havsro.example"
PASSWORDS = {SIRI: "fjell-1", NILS: "hav-1"}
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
OWN = {"x-prat-authoring": "1"}
ORIGIN = "http://authoring"
GATEWAY = "http://127.0.0.1:8090"
SHOP = "/api/shops/fjellbekk"


def pack(merchant_id: str = "fjellbekk", days: int = 30, **own: str) -> PackPublished:
    """The small shop's pack."""
    text = MERCHANT.replace("id: fjellbekk", f"id: {merchant_id}")
    text = text.replace("return_days: 30", f"return_days: {days}")
    files = {"merchant.yaml": text} | {f"topics/{key}.yaml": one for key, one in own.items()}
    return pack_of_texts(files, {}, utc_now())


@dataclass
class Loop:
    """A bus that brings back what is said, as the real one does to the process that said it."""

    content: Packs
    brains: Brains
    versions: Versions

    async def publish(self, event: Event) -> None:
        assert isinstance(event, PackPublished)
        self.content.put(event)
        if not event.merchant_id.endswith("-preview"):
            await self.versions.record(event)
        await self.brains.learn(event)


@dataclass
class Studio:
    """The page's application, and what stands behind it."""

    app: Any
    db: Database
    desk: AuthoringDesk
    editors: Editors

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=OWN)

    async def logged_in(self, email: str = SIRI) -> "Page":
        browser = self.browser()
        form = {"email": email, "password": PASSWORDS[email]}
        assert (await browser.post("/api/login", json=form)).status_code == 200
        return Page(browser)


@dataclass
class Page:
    """A browser that is logged in and knows its draft's mark."""

    browser: httpx.AsyncClient
    shop: str = SHOP

    async def get(self, path: str = "") -> Any:
        answer = await self.browser.get(self.shop + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def mark(self) -> str:
        return str((await self.get())["mark"])

    async def send(self, method: str, path: str, **body: Any) -> httpx.Response:
        body.setdefault("mark", await self.mark())
        if body["mark"] is None:
            del body["mark"]
        return await self.browser.request(method, self.shop + path, json=body)

    async def trial(self) -> Any:
        assert (await self.send("POST", "/trial")).status_code == 202
        async with asyncio.timeout(60):
            while (found := await self.get("/trial"))["state"] in ("learning", "testing"):
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[Client]:
    """A client of the store, with nothing of nlu's in it."""
    client = connect(stack.store.url)
    await client.drop_database("prat_nlu")
    yield client
    client.close()


@pytest.fixture
async def studio(client: Client, small_starter: Path, tmp_path: Path) -> AsyncIterator[Studio]:
    """The page's application with two shops, and an editor of each."""
    versions, drafts, store = Versions(client), Drafts(client), EditorStore(client)
    for prepare in (versions.prepare, drafts.prepare, store.prepare):
        await prepare()
    editors = Editors(store, QUICK)
    (tmp_path / "editors.json").write_text(json.dumps(PASSWORDS))
    assert await editors.seed(tmp_path / "editors.json") == 2
    content, brains = Packs(), Brains(on_learned=lambda _: None)
    loop = Loop(content, brains, versions)
    await loop.publish(pack())
    await loop.publish(pack("havsro"))
    desk = AuthoringDesk(content, drafts, versions, brains, loop, utc_now, {})
    app = AuthoringRoutes(desk, Doorway(editors, content, GATEWAY), ORIGIN).app()
    yield Studio(app, database(client, "nlu"), desk, editors)
    await desk.close()
