"""The statistics page's interface: a shop's own keys, strict headers, refusals with a fix."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from libs.kit.content import Packs
from services.analytics.figures import Figures
from services.analytics.keys import Right
from services.analytics.news import News
from services.analytics.routes import PAGE, AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from tests.builders import NOW, pack, secrets_folder
from tests.unit.analytics.fakes import MemoryDoor, MemoryFigures, made_key, shown


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    return secrets_folder(tmp_path)


@pytest.fixture
def figures() -> MemoryFigures:
    return MemoryFigures()


@pytest.fixture
def keys() -> MemoryDoor:
    return MemoryDoor()


@pytest.fixture
async def page(
    secrets: Path, figures: MemoryFigures, keys: MemoryDoor
) -> AsyncIterator[httpx.AsyncClient]:
    packs = Packs(pack(), pack("havsro"))
    settings = AnalyticsSettings(secrets_dir=secrets)
    door = keys.door(settings)
    routes = AnalyticsRoutes(cast(Figures, figures), packs, settings, door, lambda: NOW)
    transport = httpx.ASGITransport(app=routes.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://statistics") as client:
        yield client


def token(secrets: Path, merchant: str = "fjellbekk") -> dict[str, str]:
    text = (secrets / f"stats-{merchant}.token").read_text().strip()
    return {"authorization": f"Bearer {text}"}


async def test_the_figures_of_the_tokens_merchant(
    page: httpx.AsyncClient, figures: MemoryFigures, secrets: Path
) -> None:
    figures.put("fjellbekk", NOW, shown(chats={"begun": 13}))
    figures.put("havsro", NOW, shown(chats={"begun": 50}))
    figures.counted_at = NOW - timedelta(seconds=7)
    answer = await page.get("/api/statistics?merchant=fjellbekk", headers=token(secrets))
    assert answer.status_code == 200
    assert answer.json()["totals"]["chats"] == 13
    assert answer.json()["last_counted_seconds_ago"] == 7.0
    assert answer.json()["period"] == {
        "from": "2026-02-24", "to": "2026-03-02", "time_zone": "Europe/Oslo",
    }  # fmt: skip
    assert "previous" not in answer.json()
    assert answer.json()["oldest"] == {
        "days": 42, "samples": 42, "marks": 35, "halves": 1, "counts_since": "2026-01-01",
    }  # fmt: skip


async def ask(page: httpx.AsyncClient, secrets: Path, **query: str) -> httpx.Response:
    params = {"merchant": "fjellbekk"} | {k.removesuffix("_"): v for k, v in query.items()}
    return await page.get("/api/statistics", params=params, headers=token(secrets))


async def test_a_range_and_the_one_before_it(
    page: httpx.AsyncClient, figures: MemoryFigures, secrets: Path
) -> None:
    figures.put("fjellbekk", NOW, shown(chats={"begun": 13}))
    figures.put("fjellbekk", NOW - timedelta(days=7), shown(chats={"begun": 11}))
    query = {"from_": "2026-03-02", "to": "2026-03-03", "zone": "Europe/Oslo"}
    answer = await ask(page, secrets, compare="previous", **query)
    assert answer.json()["totals"]["chats"] == 13
    assert answer.json()["previous"]["period"]["from"] == "2026-02-28"
    assert answer.json()["previous"]["totals"]["chats"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"zone": "UTC"}, "zone_wrong"),
        ({"zone": ""}, "zone_wrong"),
        ({"compare": "next"}, "compare_wrong"),
        ({"from_": "2026-03-02"}, "period_wrong"),
        ({"to": "2026-03-02"}, "period_wrong"),
        ({"from_": "2026-03-02", "to": "2026-03-01"}, "period_wrong"),
        ({"from_": "2026-03-02", "to": "2026-03-04"}, "period_wrong"),
        ({"from_": "2025-01-01", "to": "2026-03-02"}, "period_wrong"),
        ({"from_": "yesterday", "to": "2026-03-02"}, "period_wrong"),
        ({"from_": "2026-03-02T10", "to": "2026-03-02T11"}, "period_wrong"),
    ],
)
async def test_what_cannot_be_shown_is_refused_with_a_fix(
    page: httpx.AsyncClient, secrets: Path, query: dict[str, str], code: str
) -> None:
    answer = await ask(page, secrets, **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["fix"]


async def test_the_interface_is_described_as_it_answers(
    page: httpx.AsyncClient, secrets: Path
) -> None:
    document = (await page.get("/api/openapi.json")).json()
    described = document["paths"]["/api/statistics"]["get"]
    assert {one["name"] for one in described["parameters"]} == {
        "merchant", "days", "month", "from", "to", "zone", "compare",
    }  # fmt: skip
    answer = (await ask(page, secrets, compare="previous")).json()
    figures = document["components"]["schemas"]["Figures"]
    Draft202012Validator({**document, "$ref": "#/components/schemas/Figures"}).validate(answer)
    assert {*answer} == {*figures["properties"]}


async def test_every_route_is_described_and_no_other(
    page: httpx.AsyncClient, figures: MemoryFigures, secrets: Path
) -> None:
    document = (await page.get("/api/openapi.json")).json()
    settings = AnalyticsSettings(secrets_dir=secrets)
    made = AnalyticsRoutes(
        cast(Figures, figures), Packs(), settings, MemoryDoor().door(settings), lambda: NOW
    )
    routes = made.routes()
    assert {*document["paths"]} == {route.path for route in routes if isinstance(route, Route)}
    for path, methods in document["paths"].items():
        closed = "security" in methods["get"]
        assert (await page.get(path)).status_code == (401 if closed else 200)


async def test_this_month_is_its_days_so_far(page: httpx.AsyncClient, secrets: Path) -> None:
    made = (await ask(page, secrets, month="this")).json()
    assert (made["period"]["from"], made["period"]["to"]) == ("2026-03-01", "2026-03-02")


async def test_news_are_for_the_tokens_merchant(page: httpx.AsyncClient, secrets: Path) -> None:
    asked = page.get("/api/statistics/news?merchant=havsro", headers=token(secrets))
    assert (await asked).status_code == 401


async def test_a_revoked_key_ends_what_is_open_with_it(
    secrets: Path, figures: MemoryFigures, keys: MemoryDoor
) -> None:
    keys.made["secret"] = made_key(Right.READ)
    settings = AnalyticsSettings(secrets_dir=secrets)
    door = keys.door(settings)
    routes = AnalyticsRoutes(cast(Figures, figures), Packs(pack()), settings, door, lambda: NOW)
    object.__setattr__(routes, "news", News(figures, look_seconds=0))
    scope = {
        "type": "http", "query_string": b"merchant=fjellbekk", "client": ("192.0.2.1", 1),
        "headers": [(b"authorization", b"Bearer secret")],
    }  # fmt: skip
    answer = cast(StreamingResponse, await routes.listen(Request(scope)))
    events = aiter(answer.body_iterator)
    async with asyncio.timeout(5):
        await anext(events)
        del keys.made["secret"]
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_nothing_counted_yet_has_no_age(page: httpx.AsyncClient, secrets: Path) -> None:
    answer = await page.get("/api/statistics?merchant=fjellbekk&days=1", headers=token(secrets))
    assert answer.json()["last_counted_seconds_ago"] is None
    assert answer.json()["period"]["from"] == "2026-03-02"


@pytest.mark.parametrize(
    "merchant", ["havsro", "unknown-shop", "", "../internal", "..%2Finternal", "Fjellbekk", "ø"]
)
async def test_a_token_opens_its_own_merchant_only(
    page: httpx.AsyncClient, secrets: Path, merchant: str
) -> None:
    answer = await page.get(f"/api/statistics?merchant={merchant}", headers=token(secrets))
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_wrong"
    assert answer.json()["error"]["fix"]


@pytest.mark.parametrize(
    "header", [b"Bearer wrong", b"Bearer \xe6\xf8\xe5", b"Basic abc", b"Bearer ", b"Bearer"]
)
async def test_a_wrong_token_opens_nothing(page: httpx.AsyncClient, header: bytes) -> None:
    answer = await page.get(
        "/api/statistics?merchant=fjellbekk", headers={b"authorization": header}
    )
    assert answer.status_code == 401


async def test_a_missing_token_opens_nothing(page: httpx.AsyncClient) -> None:
    answer = await page.get("/api/statistics?merchant=fjellbekk")
    assert answer.json()["error"]["code"] == "token_missing"


async def test_an_empty_token_file_opens_nothing(page: httpx.AsyncClient, secrets: Path) -> None:
    (secrets / "stats-fjellbekk.token").write_text("\n")
    answer = await page.get(
        "/api/statistics?merchant=fjellbekk", headers={"authorization": "Bearer "}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("days", ["0", "-1", "401", "1000000", "week", "1.5", "", "٣", "²"])
async def test_other_numbers_of_days_are_refused(
    page: httpx.AsyncClient, secrets: Path, days: str
) -> None:
    answer = await page.get(
        "/api/statistics", params={"merchant": "fjellbekk", "days": days}, headers=token(secrets)
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "days_wrong"


async def test_the_page_is_locked_down(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    for rule in (
        "default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'",
        "base-uri 'none'", "require-trusted-types-for 'script'",
    ):  # fmt: skip
        assert rule in policy
    assert "unsafe" not in policy
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_every_file_of_the_page_is_served(page: httpx.AsyncClient) -> None:
    for file in (path for path in PAGE.rglob("*") if path.is_file()):
        assert (await page.get(f"/{file.relative_to(PAGE)}")).status_code == 200
    assert (await page.get("/shared/base.css")).status_code == 200


async def test_nothing_outside_the_page_is_served(page: httpx.AsyncClient) -> None:
    for path in ("/../routes.py", "/..%2froutes.py", "/routes.py", "/.git/config"):
        assert (await page.get(path)).status_code == 404
