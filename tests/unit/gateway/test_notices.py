"""The notice's address: public, per merchant and language, and linked by the widget."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.contracts.content import Privacy
from libs.kit.content import Packs
from libs.kit.http import web_app
from services.gateway.notices import NoticeRoutes, notice_link
from services.gateway.routes import shown
from tests.builders import NOW, ORIGIN, merchant, pack

PRIVACY = Privacy(contact="personvern@fjellbekk.example", country="NO", agreement="1.0")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    packs = Packs(pack(privacy=PRIVACY), pack("havsro"))
    app = web_app(NoticeRoutes(packs, 400).routes())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
        yield client


@pytest.mark.parametrize("language", ["nb", "sv", "da", "fi", "en"])
async def test_anybody_may_read_the_notice(client: httpx.AsyncClient, language: str) -> None:
    answer = await client.get(f"/notice/fjellbekk/{language}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert f'<html lang="{language}">' in answer.text
    assert "set-cookie" not in answer.headers


async def test_without_a_language_it_is_the_shops_own(client: httpx.AsyncClient) -> None:
    answer = await client.get("/notice/fjellbekk", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/notice/fjellbekk/nb")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/notice/nobody/nb", "unknown_merchant"), ("/notice/fjellbekk/xx", "unknown_language"),
        ("/notice/havsro/sv", "no_notice"),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_said(client: httpx.AsyncClient, path: str, code: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_the_widget_is_told_where_it_is() -> None:
    told = shown(pack(privacy=PRIVACY), "nb", None, NOW)
    assert told["notice_url"] == "notice/fjellbekk/nb"


@pytest.mark.parametrize("privacy", [None, PRIVACY.model_copy(update={"link": "own"})])
def test_a_shops_own_link_stays_possible(privacy: Privacy | None) -> None:
    assert notice_link(merchant(privacy=privacy), "nb") == f"{ORIGIN}/privacy"
