"""Who comes in to the console on a real store, by which log-in and from which page; and who does not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.kit.errors import ConfigurationError
from tests.console_room import CANARY, PASSWORDS, Console, only_case, open_console


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


async def test_the_page_is_locked_by_its_policy(desk: Console) -> None:
    page = await desk.browser().get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                 "require-trusted-types-for 'script'"):  # fmt: skip
        assert rule in policy
    script = await desk.browser().get("/console.js")
    assert script.headers["content-type"].startswith("text/javascript")


async def test_a_session_cookie_is_out_of_reach_for_scripts_and_other_sites(desk: Console) -> None:
    form = {"email": "KARI@fjellbekk.example", "password": PASSWORDS["kari@fjellbekk.example"]}
    browser = desk.browser()
    answer = await browser.post("/api/login", json=form)
    assert answer.json()["agent"]["name"] == "Kari"
    cookie = answer.headers["set-cookie"].lower()
    for mark in ("httponly", "samesite=strict", "path=/", "max-age=28800"):
        assert mark in cookie
    token = browser.cookies["prat_console"]
    stored = [session["_id"] async for session in desk.db["sessions"].find()]
    assert len(stored) == 1
    assert token not in stored[0]


async def test_logging_out_ends_the_session_itself(desk: Console) -> None:
    browser = await desk.logged_in()
    token = browser.cookies["prat_console"]
    await browser.post("/api/logout")
    thief = desk.browser()
    thief.cookies.set("prat_console", token)
    assert (await thief.get("/api/me")).json() == {"agent": None}
    assert (await thief.get("/api/queue")).status_code == 401


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(desk: Console) -> None:
    browser = desk.browser()
    wrong = await browser.post(
        "/api/login", json={"email": "kari@fjellbekk.example", "password": CANARY}
    )
    unknown = await browser.post("/api/login", json={"email": "x@y.example", "password": "p"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert "set-cookie" not in wrong.headers


async def test_the_sixth_try_within_a_minute_is_refused_even_if_right(desk: Console) -> None:
    browser = desk.browser()
    form = {"email": "kari@fjellbekk.example", "password": "wrong"}
    codes = [(await browser.post("/api/login", json=form)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    right = form | {"password": PASSWORDS["kari@fjellbekk.example"]}
    assert (await browser.post("/api/login", json=right)).status_code == 429
    assert (await desk.logged_in("per@fjellbekk.example")).cookies


async def test_passwords_are_kept_as_argon2id_and_changed_by_the_file(
    desk: Console, tmp_path: Path
) -> None:
    path = tmp_path / "agents.json"
    before = await desk.db["agents"].find_one({"_id": "kari@fjellbekk.example"})
    assert before
    assert before["password"].startswith("$argon2id$")
    await desk.agents.seed(path)
    assert await desk.db["agents"].find_one({"_id": "kari@fjellbekk.example"}) == before
    path.write_text(json.dumps({"kari@fjellbekk.example": "another"}))
    await desk.agents.seed(path)
    agent, _token = await desk.agents.log_in("kari@fjellbekk.example", "another")
    assert agent.merchants == ("fjellbekk",)


async def test_a_broken_password_file_names_cause_and_fix(desk: Console, tmp_path: Path) -> None:
    path = tmp_path / "agent-passwords.json"
    for broken in ("{", "[]", '"x"'):
        path.write_text(broken)
        with pytest.raises(ConfigurationError, match="agent-passwords"):
            await desk.agents.seed(path)
    assert await desk.agents.seed(tmp_path / "none.json") == 0


async def test_without_a_session_nothing_is_shown(desk: Console) -> None:
    await desk.asks()
    browser = desk.browser()
    for method, path in (
        ("GET", "/api/queue"), ("GET", "/api/stream"), ("GET", f"/api/cases/{uuid4()}"),
        ("POST", f"/api/cases/{uuid4()}/claim"), ("DELETE", f"/api/cases/{uuid4()}"),
    ):  # fmt: skip
        assert (await browser.request(method, path)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"x-prat-console": "0"}, {"origin": "https://evil.example"}, {"origin": "null"},
        {"origin": "http://console.evil.example"}, {"origin": "http://console:81"},
    ],
)  # fmt: skip
async def test_another_sites_page_changes_nothing(desk: Console, headers: dict[str, str]) -> None:
    await desk.asks()
    browser = await desk.logged_in()
    case_id = await only_case(browser)
    for method, path in (
        ("POST", "/api/login"), ("POST", "/api/logout"), ("POST", f"/api/cases/{case_id}/claim"),
        ("DELETE", f"/api/cases/{case_id}"),
    ):  # fmt: skip
        answer = await browser.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
    assert await only_case(browser) == case_id
    assert desk.shelf.erased == []


async def test_our_own_page_may(desk: Console) -> None:
    await desk.asks()
    browser = await desk.logged_in()
    path = f"/api/cases/{await only_case(browser)}/claim"
    assert (await browser.post(path, headers={"origin": "http://console"})).status_code == 200
