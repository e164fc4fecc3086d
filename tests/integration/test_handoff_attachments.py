"""Files in the console, on a real store: for who may read the case, noted each time, gone with it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from libs.kit.clock import utc_now
from services.handoff.rights import Grant, Role
from tests.console_room import ELSA, KARI, PER, Console, only_case, open_console

PDF = b"%PDF-1.7\nPlanted canary 4711\n%%EOF\n"
SHOP = "fjellbekk"


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


def told(answer: httpx.Response) -> tuple[int, str]:
    assert PDF not in answer.content
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_file_is_handed_out_to_be_saved_and_each_time_it_is_noted(desk: Console) -> None:
    asked = await desk.asks()
    file = await desk.gives(asked, PDF)
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}/attachments/{file.attachment_id}"
    for _ in range(2):
        answer = await kari.get(path)
    assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
    headers = {
        "content-disposition": f"attachment; filename={file.attachment_id}.pdf",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff", "cache-control": "no-store",
    }  # fmt: skip
    assert headers.items() <= dict(answer.headers).items()
    assert await desk.looks() == [(KARI, "file_fetched", ("attachments",))] * 2
    assert len(await desk.audit.looks(SHOP, asked.conversation_id)) == 2, "the visitor learns of it"


async def test_only_who_may_read_the_case_gets_its_files(desk: Console) -> None:
    asked = await desk.asks()
    file = await desk.gives(asked, PDF)
    kari, elsa, per = await desk.logged_in(), await desk.logged_in(ELSA), await desk.logged_in(PER)
    case = f"/api/cases/{await only_case(kari)}"
    path = f"{case}/attachments/{file.attachment_id}"
    assert (await kari.post(f"{case}/claim")).is_success
    admin = Grant(SHOP, frozenset({Role.MERCHANT_ADMIN}))
    assert told(await desk.browser().get(path)) == (401, "not_logged_in")
    assert told(await elsa.get(path)) == (404, "unknown_case")
    assert told(await per.get(path)) == (403, "no_right")
    assert told(await (await desk.add("admin@fjellbekk.example", admin)).get(path))[0] in (403, 404)
    assert await desk.looks() == []


async def test_files_of_elsewhere_and_of_nowhere_are_unknown(desk: Console) -> None:
    await desk.asks()
    kari = await desk.logged_in()
    case = f"/api/cases/{await only_case(kari)}"
    foreign = await desk.gives(await desk.asks("havsro"), PDF)
    others = await desk.gives(await desk.asks(), PDF)
    for wanted in (foreign.attachment_id, others.attachment_id, uuid4(), "no-id", "$ne"):
        answer = await kari.get(f"{case}/attachments/{wanted}")
        assert told(answer) == (404, "unknown_attachment"), wanted


async def test_an_erased_case_has_no_files_that_anybody_can_open(desk: Console) -> None:
    asked = await desk.asks()
    file = await desk.gives(asked, PDF)
    kari = await desk.logged_in()
    path = f"/api/cases/{await only_case(kari)}/attachments/{file.attachment_id}"
    await desk.ring.destroy(SHOP, asked.conversation_id, utc_now() + timedelta(days=1))
    assert told(await kari.get(path)) == (410, "erased")
