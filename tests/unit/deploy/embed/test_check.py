"""`prat embed-check` on real pages over HTTP: what is right, what is wrong, and the line to change."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner

from deploy.cli.main import app
from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.staffing import StaffingTable
from services.gateway.door import Door
from services.gateway.files import widget_files
from services.gateway.routes import GatewayRoutes
from services.gateway.settings import GatewaySettings
from services.gateway.tags import option_rules, tag
from tests.builders import NOW, pack
from tests.fixtures.served import served

NOTHING = cast("Any", None)


@dataclass
class Street:
    """A shop (localhost) and a gateway (127.0.0.1) behind one port: two origins."""

    port: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def shop(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(self.body, headers=self.headers)

    async def check(self, body: str, *options: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the report for a page with this body and these headers."""
        self.body = f"<!doctype html><html><body>{body}</body></html>"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        wish = ["embed-check", f"{self.shop}/page", "--json", *options]
        ran = await asyncio.to_thread(CliRunner().invoke, app, wish)
        return ran.exit_code, json.loads(ran.stdout)

    def tag(self, *, pinned: bool = False, **options: str) -> str:
        given = {"data-merchant": "fjellbekk"} | {f"data-{k}": v for k, v in options.items()}
        return tag(self.gateway, given, pinned=pinned)


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    made = Street()
    packs = Packs()
    door = Door(
        GatewaySettings(), NOTHING, NOTHING, NOTHING, packs, StaffingTable(), NOTHING, lambda: NOW
    )
    routes = [*GatewayRoutes(door, lambda: NOW).routes(), Route("/page", made.page)]
    async with served(web_app(routes)) as port:
        made.port = port
        packs.put(pack(origins=(made.shop,)))
        yield made


def told(report: dict[str, Any], state: str = "fault") -> list[tuple[str, str]]:
    return [(one["check"], one["fix"]) for one in report["findings"] if one["state"] == state]


async def test_a_page_where_all_is_well(street: Street) -> None:
    code, report = await street.check(street.tag(pinned=True))
    assert (code, report["ok"]) == (0, True)
    checks = [one["check"] for one in report["findings"]]
    assert checks == ["tag", "gateway", "integrity", "merchant", "policy"]
    assert {one["state"] for one in report["findings"]} == {"ok"}


async def test_no_tag_and_one_that_a_tag_manager_may_bring(street: Street) -> None:
    code, report = await street.check("<h1>Shop</h1><script src='/shop.js'></script>")
    assert (code, told(report)[0][0]) == (1, "tag")
    assert "prat widget tag" in told(report)[0][1]
    manager = '<script src="https://www.googletagmanager.com/gtm.js?id=GTM-0"></script>'
    code, report = await street.check(manager)
    assert (code, "in the browser" in told(report)[0][1]) == (1, True)


async def test_a_tag_twice_and_not_async_is_a_hint(street: Street) -> None:
    code, report = await street.check(street.tag().replace(" async", "") * 2)
    assert (code, [check for check, _ in told(report, "hint")]) == (0, ["duplicates", "async"])


async def test_faulty_and_unknown_options(street: Street) -> None:
    code, report = await street.check(street.tag(colour="teal", color="#000000"))
    assert (code, told(report)[0][0]) == (1, "options")
    assert "data-color" in next(o["message"] for o in report["findings"] if o["state"] == "hint")


async def test_a_foreign_origin_and_an_unknown_shop(street: Street) -> None:
    foreign = street.tag().replace("fjellbekk", "nobody")
    assert told((await street.check(foreign))[1])[0][0] == "merchant"
    assert (
        told((await street.check(street.tag().replace('data-merchant="fjellbekk"', "")))[1])[0][0]
        == "merchant"
    )
    shop, street_port = street.shop, street.port
    wish = ["embed-check", f"http://127.0.0.1:{street_port}/page", "--json"]
    street.body = street.tag()
    ran = await asyncio.to_thread(CliRunner().invoke, app, wish)
    (fault,) = told(json.loads(ran.stdout))
    assert ran.exit_code == 1
    assert fault[0] == "origin"
    assert f"add `http://127.0.0.1:{street_port}` to `origins`" in fault[1]
    assert shop not in fault[1]


async def test_a_changed_loader_and_an_address_without_one(street: Street) -> None:
    other = widget_files()["panel.js"].integrity
    pinned = street.tag(pinned=True)
    wrong = pinned.replace(widget_files()["loader.js"].integrity, other)
    assert told((await street.check(wrong))[1])[0][0] == "integrity"
    assert (
        "crossorigin"
        in told((await street.check(pinned.replace(' crossorigin="anonymous"', "")))[1])[0][1]
    )
    old = pinned.replace(widget_files()["loader.js"].version, "0" * 16)
    assert told((await street.check(old))[1])[0][0] == "gateway"
    loose = pinned.replace(f"{widget_files()['loader.js'].version}/", "")
    code, report = await street.check(loose)
    assert (code, told(report, "hint")[0][0]) == (0, "integrity")


async def test_a_policy_names_its_directive_and_the_line_to_add(street: Street) -> None:
    strict = "default-src 'none'"
    code, report = await street.check(street.tag(), content_security_policy=strict)
    ws = street.gateway.replace("http", "ws")
    assert code == 1
    assert told(report) == [
        ("policy", f"add {street.gateway} to script-src."),
        ("policy", f"add {street.gateway} {ws} to connect-src."),
    ]
    good = f"{strict}; script-src {street.gateway}; connect-src {street.gateway} {ws}"
    assert (await street.check(street.tag(), content_security_policy=good))[0] == 0
    meta = f'<meta http-equiv="Content-Security-Policy" content="{strict}">'
    assert (await street.check(meta + street.tag(), content_security_policy=good))[0] == 1
    nonce = f"script-src 'nonce-abc' 'strict-dynamic'; connect-src {street.gateway} {ws}"
    code, report = await street.check(street.tag(), content_security_policy=nonce)
    assert told(report) == [("policy", "give the tag the page's nonce.")]
    with_nonce = street.tag().replace("<script ", '<script nonce="abc" ')
    assert (await street.check(with_nonce, content_security_policy=nonce))[0] == 0


async def test_what_cannot_be_read_is_no_verdict(street: Street) -> None:
    for address in (
        f"{street.shop}/nothing",
        "http://localhost:9/",
        "no address",
        f"{street.gateway}/widget/v1/panel.js",
    ):
        ran = await asyncio.to_thread(CliRunner().invoke, app, ["embed-check", address, "--json"])
        assert (ran.exit_code, json.loads(ran.stdout)["ok"]) == (2, False)


async def test_the_table_for_people_says_what_to_do(street: Street) -> None:
    street.body = street.tag(colour="teal")
    ran = await asyncio.to_thread(CliRunner().invoke, app, ["embed-check", f"{street.shop}/page"])
    assert ran.exit_code == 1
    assert 'data-colour="teal" is not valid' in ran.stdout
    assert "Fix:" in ran.stdout


def test_the_options_are_the_loaders() -> None:
    rules = option_rules()
    assert list(rules) == [
        "data-merchant", "data-locale", "data-colour", "data-position", "data-title",
        "data-launcher", "data-z-index", "data-hidden",
    ]  # fmt: skip
    page = Path("docs/embedding.md").read_text()
    rows = [
        line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("| `data-")
    ]
    assert rows == list(rules)
