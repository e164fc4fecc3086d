"""The console's doors on a real store: second factors, who is shut out and how soon, what is noted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from pyotp import TOTP

from deploy.local.ports import HOST, Ports
from deploy.local.stack import Stack
from libs.kit.audit import Audit
from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.mongo import connect
from libs.kit.second_factor import SecondFactor
from services.handoff.accounts import AccountStore
from services.handoff.administration import Administration
from services.handoff.agents import Agents
from services.handoff.doorway import Doorway
from services.handoff.notices import Notices
from services.handoff.rights import Agent, Grant, Role
from services.handoff.witness import Witness
from tests.builders import pack
from tests.unit.handoff.builders import waiting_case

KARI = "kari@fjellbekk.example"
KEY = b"k" * 32
OWN = {"x-prat-console": "1"}
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Process:
    """One process of handoff: its doors, and what it keeps in the store that all share."""

    url: str
    desk: Administration
    notices: Notices

    async def enter(self, stack: AsyncExitStack, password: str) -> httpx.AsyncClient:
        browser = await stack.enter_async_context(self.browser())
        answer = await browser.post("/api/login", json={"email": KARI, "password": password})
        assert answer.is_success
        return browser

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=OWN, timeout=20)


@asynccontextmanager
async def process(store: str) -> AsyncIterator[Process]:
    client, notices = connect(store), Notices()
    accounts, audit = AccountStore(client), Audit(client, "handoff", KEY)
    second = SecondFactor(accounts, KEY)
    agents = Agents(accounts, QUICK, second=second, audit=audit)
    desk = Administration("test", agents, second, audit)
    doorway = Doorway(agents, Packs(pack()), notices, witness=Witness(audit))
    port = Ports().any()
    config = uvicorn.Config(
        web_app(doorway.routes()), host=HOST, port=port, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield Process(f"http://{HOST}:{port}", desk, notices)
    await notices.close()
    server.should_exit = True
    await task
    client.close()


@pytest.fixture
async def two(stack: Stack) -> AsyncIterator[tuple[Process, Process]]:
    """Two processes on one empty store."""
    client = connect(stack.store.url)
    await client.drop_database("prat_handoff")
    client.close()
    async with process(stack.store.url) as one, process(stack.store.url) as other:
        await one.desk.prepare()
        yield one, other


async def events(browser: httpx.AsyncClient, ready: asyncio.Event) -> list[str]:
    """What a stream says until it ends."""
    found: list[str] = []
    async with browser.stream("GET", "/api/stream") as stream:
        assert stream.status_code == 200
        async for line in stream.aiter_lines():
            ready.set()
            if line.startswith("data: "):
                found.append(json.loads(line[6:])["type"])
    return found


async def test_disabling_ends_sessions_and_open_streams_of_every_process_within_5_seconds(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    password = await one.desk.add(KARI, "", "fjellbekk", ["agent"], [])
    async with AsyncExitStack() as stack:
        browsers = [await process.enter(stack, password) for process in (one, other)]
        streams = []
        for browser in browsers:
            ready = asyncio.Event()
            streams.append(asyncio.create_task(events(browser, ready)))
            await ready.wait()
        other.notices.queue_changed(waiting_case())
        async with asyncio.timeout(5):
            await one.desk.disable(KARI)
            assert await asyncio.gather(*streams) == [["bye"], ["queue", "bye"]]
        for browser in browsers:
            assert (await browser.get("/api/stream")).status_code == 401
            assert (await browser.get("/api/me")).json() == {"agent": None}


async def test_a_stream_that_always_has_something_to_say_ends_too(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    password = await one.desk.add(KARI, "", "fjellbekk", ["agent"], [])

    async def busy() -> None:
        while True:
            other.notices.case_changed(waiting_case())
            await asyncio.sleep(0.05)

    async with AsyncExitStack() as stack:
        browser, ready = await other.enter(stack, password), asyncio.Event()
        stream = asyncio.create_task(events(browser, ready))
        await ready.wait()
        noise = asyncio.create_task(busy())
        async with asyncio.timeout(5):
            await one.desk.disable(KARI)
            assert (await stream)[-1] == "bye"
        noise.cancel()


async def test_who_is_granted_something_else_gets_a_new_stream_without_logging_in(
    two: tuple[Process, Process],
) -> None:
    one, other = two
    password = await one.desk.add(KARI, "", "fjellbekk", ["agent"], [])
    async with AsyncExitStack() as stack:
        browser, ready = await other.enter(stack, password), asyncio.Event()
        stream = asyncio.create_task(events(browser, ready))
        await ready.wait()
        async with asyncio.timeout(5):
            await one.desk.grant(KARI, "havsro", ["supervisor"], [])
            assert await stream == []
        assert (await browser.get("/api/me")).json()["agent"]["name"] == "Kari"


async def test_a_log_in_ends_the_session_that_the_browser_had(two: tuple[Process, Process]) -> None:
    one, other = two
    password = await one.desk.add(KARI, "", "fjellbekk", ["agent"], [])
    async with AsyncExitStack() as stack:
        browser = await one.enter(stack, password)
        before = browser.cookies["prat_console"]
        await browser.post("/api/login", json={"email": KARI, "password": password})
        assert browser.cookies["prat_console"] != before
        thief = await stack.enter_async_context(other.browser())
        thief.cookies.set("prat_console", before)
        assert (await thief.get("/api/stream")).status_code == 401


async def test_the_page_is_told_when_a_second_factor_or_patience_is_needed(
    two: tuple[Process, Process],
) -> None:
    one, _ = two
    password = await one.desk.add(KARI, "", "fjellbekk", ["agent"], [])
    enrolment = await one.desk.enrol(KARI)
    form = {"email": KARI, "password": password}
    async with one.browser() as browser:
        asked = await browser.post("/api/login", json=form)
        assert (asked.status_code, asked.json()["error"]["code"]) == (401, "totp_required")
        assert "set-cookie" not in asked.headers
        wrong = await browser.post("/api/login", json=form | {"code": "000000"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "totp_wrong")
        code = TOTP(enrolment.secret).at(datetime.now(UTC))
        assert (await browser.post("/api/login", json=form | {"code": code})).is_success
        answers: list[httpx.Response] = []
        while not answers or answers[-1].status_code == 401:
            answers.append(await browser.post("/api/login", json=form | {"password": "x"}))
        late = answers[-1]
        assert (late.status_code, late.json()["error"]["code"]) == (429, "too_many_tries")
        assert 1 <= int(late.headers["retry-after"]) <= 60


async def test_a_look_is_noted_before_it_is_shown_and_once_while_it_lasts(stack: Stack) -> None:
    client = connect(stack.store.url)
    await client.drop_database("prat_handoff")
    audit = Audit(client, "handoff", KEY)
    await audit.prepare()
    kari = Agent(KARI, "Kari", (Grant("fjellbekk", frozenset({Role.AGENT})),))
    case, witness = waiting_case(), Witness(audit)
    for fields in (("messages", "intake"), ("intake", "messages"), ("notes",)):
        await witness.saw(kari, case, "case_read", fields)
    for _ in range(2):
        await witness.did(kari, case, "case_erased")
    found = [(row["what"], row["fields"]) for row in await audit.entries({})][::-1]
    assert found == [
        ("case_read", ["intake", "messages"]), ("case_read", ["notes"]),
        ("case_erased", []), ("case_erased", []),
    ]  # fmt: skip
    entry: dict[str, Any] = (await audit.entries({"case_id": str(case.case_id)}))[0]
    assert (entry["who"], entry["merchant_id"]) == (KARI, "fjellbekk")
    assert case.conversation_id not in str(entry)
    await Witness(audit, seconds=0).saw(kari, case, "case_read", ("notes",))
    assert len(await audit.entries({})) == 5
    client.close()


async def test_what_cannot_be_noted_is_not_shown() -> None:
    class Full:
        async def add(self, *_: Any, **__: Any) -> int:
            raise OSError

    kari, witness = Agent(KARI, "Kari"), Witness(Full())  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(OSError):
            await witness.saw(kari, waiting_case(), "case_read", ("intake",))
