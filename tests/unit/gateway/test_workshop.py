"""The playground's addresses: the tag is made there, the preview is a page of ours, nobody gets in by it."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest

from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.staffing import StaffingTable
from services.gateway.door import Door
from services.gateway.routes import Cors, GatewayRoutes
from services.gateway.settings import GatewaySettings
from services.gateway.workshop import WorkshopRoutes
from tests.builders import NOW, ORIGIN, pack

NOTHING = cast("Any", None)
OWN_PAGE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    door = Door(
        GatewaySettings(), NOTHING, NOTHING, NOTHING, Packs(pack()), StaffingTable(), NOTHING,
        lambda: NOW,
    )  # fmt: skip
    app = web_app([*GatewayRoutes(door, lambda: NOW).routes(), *WorkshopRoutes().routes()])
    app.add_middleware(Cors, door=door)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as made:
        yield made


async def test_the_tag_has_what_is_valid_and_says_what_is_not(client: httpx.AsyncClient) -> None:
    wish = {"gateway": "https://chat.example", "merchant": "fjellbekk", "zIndex": "9", "colour": "teal",
            "launcher": 'Ask "us" <now>', "basket": "3"}  # fmt: skip
    told = (await client.get("/playground/tag", params=wish)).json()
    assert told == {
        "tag": '<script src="https://chat.example/widget/v1/loader.js" data-merchant="fjellbekk"'
        ' data-launcher="Ask &quot;us&quot; &lt;now&gt;" data-z-index="9" async></script>',
        "faults": ["data-colour"],
    }
    pinned = (await client.get("/playground/tag", params=wish | {"pinned": "1"})).json()["tag"]
    assert 'integrity="sha384-' in pinned


async def test_the_preview_is_locked_and_quotes_nothing_raw(client: httpx.AsyncClient) -> None:
    wish = {"merchant": "fjellbekk", "title": '"><script>alert(1)</script>', "page": "<b>"}
    page = await client.get("/playground/preview", params=wish)
    assert "<script>alert" not in page.text
    assert '<html lang="en">' in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'self'" in policy
    too_long = await client.get("/playground/preview", params={"title": "t" * 101})
    assert (too_long.status_code, too_long.json()["error"]["code"]) == (422, "option_too_long")


async def test_the_page_frames_its_own_preview_only(client: httpx.AsyncClient) -> None:
    page = await client.get("/playground/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_our_own_page_may_see_a_merchant_and_begin_nothing(client: httpx.AsyncClient) -> None:
    path = "/v1/merchants/fjellbekk"
    assert (await client.get(path, headers=OWN_PAGE)).status_code == 200
    assert (await client.get("/v1/merchants/nobody", headers=OWN_PAGE)).status_code == 404
    assert (await client.get(path)).status_code == 403
    assert (await client.get(path, headers={"sec-fetch-site": "cross-site"})).status_code == 403
    foreign = OWN_PAGE | {"origin": "https://evil.example"}
    assert (await client.get(path, headers=foreign)).status_code == 403
    assert (await client.get(path, headers={"origin": ORIGIN})).status_code == 200
    wish = {"merchant_id": "fjellbekk", "locale": "nb"}
    for origin in ({}, {"origin": "http://chat.example"}):
        begun = await client.post("/v1/conversations", json=wish, headers=OWN_PAGE | origin)
        assert begun.json()["error"]["code"] == "foreign_origin"
