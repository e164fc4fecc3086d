"""The rights desk on a real store, the mails that it sends, and a data protection officer who uses it."""

import email
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from services.handoff.rights import Grant, Role
from tests.console_room import Console, open_console

DPO = "dpo@fjellbekk.example"
NORA = "nora@kunde.example"


@dataclass
class Rights:
    """The desk, the mails that it sent, and people who use it."""

    desk: Console
    folder: Path
    dpo: httpx.AsyncClient

    async def new(self, kind: str, **fields: Any) -> str:
        body = {"merchant_id": "fjellbekk", "kind": kind, "language": "nb"} | fields
        made = await self.dpo.post("/api/requests", json=body)
        assert made.status_code == 201
        return f"/api/requests/{made.json()['id']}"

    async def do(self, path: str, what: str, **body: Any) -> Any:
        answer = await self.dpo.post(f"{path}/{what}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def mails(self) -> list[Any]:
        files = sorted(
            (self.folder / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns
        )
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def link(self) -> str:
        """The path of the newest mail's link."""
        found = re.search(r"http://console(/confirm/\S+)", self.mails()[-1].get_content())
        assert found
        return found[1]

    async def identified(self, kind: str, address: str = NORA) -> str:
        """A request whose person has pressed the link."""
        path = await self.new(kind)
        await self.do(path, "mail", email=address)
        assert (await self.desk.browser().post(self.link())).status_code == 200
        return path

    async def shown(self, path: str) -> Any:
        return (await self.dpo.get(path)).json()

    async def noted(self) -> list[tuple[str, str]]:
        rows = await self.desk.audit.entries({"about": {"$ne": ""}})
        return [
            (row["who"], row["what"]) for row in rows[::-1] if row["what"].startswith("rights_")
        ]


@pytest.fixture
async def rights(stack: Stack, tmp_path: Path) -> AsyncIterator[Rights]:
    async with open_console(stack.store.url, tmp_path) as desk:
        dpo = await desk.add(DPO, Grant("fjellbekk", frozenset({Role.DPO})))
        yield Rights(desk, tmp_path, dpo)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
