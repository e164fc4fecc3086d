"""The way in to a page: its files and the shared ones, its cookie, and which requests pass."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.kit.doorway import Doorway
from libs.kit.errors import Refused
from libs.kit.http import web_app
from libs.kit.login import LogIns
from libs.kit.page_guard import page_files

OWN = {"x-prat-desk": "1"}
FORM = {"email": "kari@fjellbekk.example", "password": "right"}


class People:
    """Log-ins without a store: one password, tokens in a list."""

    def __init__(self) -> None:
        self.open: list[str] = []

    async def log_in(
        self, email: str, password: str, *, code: str, address: str
    ) -> tuple[str, str]:
        if password != "right":
            raise Refused(401, "log_in_failed", "Address or password is wrong.", "check both.")
        self.open.append("token")
        return email, "token"

    async def person_of(self, token: str | None, *, used: bool = True) -> str | None:
        return FORM["email"] if token in self.open else None

    async def log_out(self, token: str) -> None:
        self.open.remove(token)


class Desk(Doorway[str]):
    """A page of one address that only people who are logged in may use."""

    async def me(self, person: str | None) -> Mapping[str, Any]:
        return {"who": person}

    async def act(self, request: Request) -> Response:
        return JSONResponse({"done": await self.person(request)})


def browser(folder: Path, *, secure: bool = False) -> httpx.AsyncClient:
    """A browser before the page, which is served from `folder`."""
    desk = Desk("desk", cast("LogIns[str]", People()), secure_cookies=secure)
    act = Route("/api/act", desk.act, methods=["GET", "POST"])
    app = web_app([*desk.routes(), act, *page_files(folder)])
    scheme = "https" if secure else "http"
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://desk")


async def test_people_come_and_go(tmp_path: Path) -> None:
    async with browser(tmp_path) as page:
        assert (await page.get("/api/me")).json() == {"who": None}
        assert (await page.get("/api/act")).json()["error"]["code"] == "not_logged_in"
        assert (await page.post("/api/login", json=FORM, headers=OWN)).json()["who"] == FORM[
            "email"
        ]
        assert (await page.get("/api/me")).json()["who"] == FORM["email"]
        assert (await page.get("/api/act")).json()["done"] == FORM["email"]
        assert (await page.post("/api/logout", headers=OWN)).json() == {"who": None}
        assert page.cookies.get("prat_desk") is None
        page.cookies.set("prat_desk", "token")  # what somebody copied before
        assert (await page.get("/api/act")).status_code == 401


@pytest.mark.parametrize("path", ["/api/login", "/api/logout", "/api/act"])
async def test_changes_come_from_our_own_page_only(tmp_path: Path, path: str) -> None:
    async with browser(tmp_path) as page:
        await page.post("/api/login", json=FORM, headers=OWN)
        for headers in ({}, OWN | {"origin": "http://elsewhere.example"}):
            answer = await page.post(path, json=FORM, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
        assert (await page.post(path, json=FORM, headers=OWN)).is_success


@pytest.mark.parametrize("secure", [False, True])
async def test_the_cookie_is_secure_where_the_page_is(tmp_path: Path, secure: bool) -> None:
    async with browser(tmp_path, secure=secure) as page:
        answer = await page.post("/api/login", json=FORM, headers=OWN)
        assert ("secure" in answer.headers["set-cookie"].lower()) is secure


async def test_a_form_that_is_too_large_or_no_form_is_refused(tmp_path: Path) -> None:
    async with browser(tmp_path) as page:
        large = FORM | {"password": "x" * 4096}
        assert (await page.post("/api/login", json=large, headers=OWN)).status_code == 413
        assert (await page.post("/api/login", content=b"{", headers=OWN)).status_code == 400
        wrong = await page.post("/api/login", json=FORM | {"password": "w"}, headers=OWN)
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)


async def test_a_page_has_its_own_files_and_the_shared_ones(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>Desk</title>")
    async with browser(tmp_path) as page:
        assert "Desk" in (await page.get("/")).text
        script = await page.get("/shared/words.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["cache-control"] == "no-store"
        assert (await page.get("/shared/base.css")).is_success
        for path in ("/shared/", "/shared/../doorway.py", "/shared/%2e%2e/doorway.py", "/words.js"):
            assert (await page.get(path)).status_code == 404, path
