"""The shop's own help desk: who may tell it of cases, what it takes, and a page that is safe."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deploy.demo.shop.webhook import BODY_LIMIT
from tests.unit.deploy.demo.shop.test_webhook import OTHER_SECRET, headers

DATA = {
    "event_id": "018f0006-7a10-7c3e-9a00-000000000006", "merchant_id": "fjellbekk",
    "conversation_id": "5b0f9c6d2e8147a3b1c4d5e6f7081920",
    "case_id": "2d1c7a90-5f0e-5a44-8a51-0a1b2c3d4e5f", "version": 1, "skill": "delivery",
    "topic": "track_parcel", "link": "http://127.0.0.1:8091/#case/2d1c7a90",
}  # fmt: skip


def notice(kind: str = "case.queued", **changes: Any) -> str:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC).isoformat()
    return json.dumps({"type": kind, "timestamp": at, "data": DATA | changes})


async def tell(shop: httpx.AsyncClient, body: str, secret: str) -> httpx.Response:
    return await shop.post("/prat/cases", content=body, headers=headers(body, secret))


async def test_a_signed_notice_is_taken_once_and_shown(
    fjellbekk: httpx.AsyncClient, secret: str
) -> None:
    assert (await tell(fjellbekk, notice(), secret)).json() == {"taken": True}
    assert (await tell(fjellbekk, notice(), secret)).json() == {"taken": False}
    page = (await fjellbekk.get("/helpdesk")).text
    assert ("track_parcel" in page, page.count("<td>queued</td>")) == (True, 1)
    assert 'href="http://127.0.0.1:8091/#case/2d1c7a90"' in page


async def test_a_notice_of_a_kind_that_is_not_known_is_answered_kindly(
    fjellbekk: httpx.AsyncClient, secret: str
) -> None:
    answer = await tell(fjellbekk, notice("case.sung"), secret)
    assert (answer.status_code, answer.json()) == (200, {"taken": False})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (notice(version="x"), 400), ("{}", 400), ("[]", 400), ("no json", 400),
        (notice(merchant_id="havsro"), 400), (notice(event_id="1"), 400),
        (notice(skill="x" * BODY_LIMIT), 413),
    ],
)  # fmt: skip
async def test_what_is_no_notice_of_this_shop_is_refused(
    fjellbekk: httpx.AsyncClient, secret: str, body: str, status: int
) -> None:
    assert (await tell(fjellbekk, body, secret)).status_code == status
    assert "<td>" not in (await fjellbekk.get("/helpdesk")).text


async def test_an_unsigned_notice_is_refused(fjellbekk: httpx.AsyncClient) -> None:
    assert (await tell(fjellbekk, notice(), OTHER_SECRET)).status_code == 401
    assert (await fjellbekk.post("/prat/cases", content=notice())).status_code == 401


async def test_the_page_shows_markup_as_text_and_links_to_pages_only(
    fjellbekk: httpx.AsyncClient, secret: str
) -> None:
    evil = {"topic": "<script>alert(1)</script>", "link": "javascript:alert(1)"}
    assert (await tell(fjellbekk, notice(**evil), secret)).status_code == 200
    answer = await fjellbekk.get("/helpdesk")
    assert "<script" not in answer.text
    assert "javascript:" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
