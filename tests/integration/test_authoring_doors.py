"""Who gets into the authoring page, and what its answers allow a browser."""

import pytest

from tests.authoring_studio import (
    GATEWAY,
    NILS,
    PASSWORDS,
    SHOP,
    SIRI,
    Studio,
    client,
    studio,
)
from tests.unit.nlu.small import small_starter

__all__ = ["client", "small_starter", "studio"]


async def test_the_page_is_locked_by_its_policy(studio: Studio) -> None:
    page = await studio.browser().get("/")
    policy = page.headers["content-security-policy"]
    for rule in (
        "default-src 'none'", f"script-src 'self' {GATEWAY};", "style-src 'self';",
        f"connect-src 'self' {GATEWAY} ws://127.0.0.1:8090;", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types prat-authoring",
    ):  # fmt: skip
        assert rule in policy
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_a_session_cookie_is_out_of_reach_for_scripts_and_other_sites(studio: Studio) -> None:
    browser = studio.browser()
    form = {"email": "SIRI@fjellbekk.example", "password": PASSWORDS[SIRI]}
    answer = await browser.post("/api/login", json=form)
    assert answer.json()["editor"]["name"] == "Siri"
    assert [shop["id"] for shop in answer.json()["editor"]["merchants"]] == ["fjellbekk"]
    cookie = answer.headers["set-cookie"].lower()
    for mark in ("httponly", "samesite=strict", "path=/", "max-age=28800"):
        assert mark in cookie
    token = browser.cookies["prat_authoring"]
    assert [token not in one["_id"] async for one in studio.db["sessions"].find()] == [True]
    await browser.post("/api/logout")
    thief = studio.browser()
    thief.cookies.set("prat_authoring", token)
    assert (await thief.get("/api/me")).json()["editor"] is None
    assert (await thief.get(SHOP)).status_code == 401


async def test_log_ins_are_counted(studio: Studio) -> None:
    browser = studio.browser()
    form = {"email": SIRI, "password": "wrong"}
    codes = [(await browser.post("/api/login", json=form)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]


ADDRESSES = (
    ("GET", ""), ("GET", "/topics/returns"), ("PUT", "/topics/returns"),
    ("DELETE", "/topics/returns"), ("POST", "/topics"), ("GET", "/facts"), ("PUT", "/facts"),
    ("POST", "/undo"), ("POST", "/discard"), ("GET", "/diff"), ("GET", "/trial"),
    ("POST", "/trial"), ("POST", "/preview"), ("POST", "/inspect"), ("POST", "/publish"),
    ("GET", "/versions"), ("GET", "/versions/x"), ("POST", "/rollback"),
)  # fmt: skip


async def test_every_address_is_for_the_shops_own_editors(studio: Studio) -> None:
    known = {
        (method, route.path.removeprefix("/api/shops/{shop}").format(key="returns", version="x"))
        for route in studio.app.routes
        if getattr(route, "path", "").startswith("/api/shops")
        for method in route.methods - {"HEAD"}
    }
    assert known == set(ADDRESSES)
    nobody, nils = studio.browser(), await studio.logged_in(NILS)
    before = await nils.browser.get("/api/shops/havsro")
    for method, path in ADDRESSES:
        assert (await nobody.request(method, SHOP + path)).status_code == 401
        answers = [
            await nils.browser.request(method, f"/api/shops/{shop}{path}", json={})
            for shop in ("fjellbekk", "unheard-of", "fjellbekk-preview", "%00")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    assert (await nils.browser.get("/api/shops/havsro")).json() == before.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-prat-authoring": "0"}, {"origin": "https://evil.example"}, {"origin": "null"},
        {"origin": "http://authoring:81"}, {"origin": "https://fjellbekk.example"},
    ],
)  # fmt: skip
async def test_another_sites_page_changes_nothing(studio: Studio, headers: dict[str, str]) -> None:
    page = await studio.logged_in()
    mark = await page.mark()
    for method, path in (*ADDRESSES, ("POST", "login"), ("POST", "logout")):
        if method == "GET":
            continue
        address = SHOP + path if path.startswith("/") else f"/api/{path}"
        answer = await page.browser.request(method, address, json={"mark": mark}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
    assert await page.mark() == mark
