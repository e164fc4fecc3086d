"""Chromium, the demo house and the pages a person would open."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from deploy.demo.runner import DemoHouse
from tests.e2e.shop import Case, Shop

CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
)
"""The shell is Chromium without a window around each page: opening one takes a third of the work."""

FLAGS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

PATIENCE_MS = 20_000
"""Longest wait for something to be seen: a busy machine is slow, not wrong."""

expect.set_options(timeout=PATIENCE_MS)

OpenShop = Callable[[Case], Awaitable[Shop]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole run."""
    assert CHROMIUM, "Chromium is missing. Fix: make setup-test, or set CHROMIUM to its path."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh profile per test; whatever a page says on its console as an error fails the test."""
    context = await browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 800})
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on(
        "console",
        lambda line: problems.append(line.text) if "Content Security" in line.text else None,
    )
    yield context
    await context.close()
    assert not problems


@pytest_asyncio.fixture(loop_scope="session")
async def open_shop(demo_house: DemoHouse, context: BrowserContext) -> OpenShop:
    """Opens a shop's page in a language."""

    async def open_one(case: Case) -> Shop:
        page = await context.new_page()
        calls: list[str] = []
        gateway = demo_house.layout.url("gateway")
        page.on("request", lambda r: calls.append(r.url) if r.url.startswith(gateway) else None)
        links: dict[str, Any] = demo_house.layout.links()
        await page.goto(f"{links[case.merchant]}?lang={case.page_language or case.language}")
        await page.get_by_role("button", name=case.launcher).wait_for()
        return Shop(page, case, calls)

    return open_one


@pytest_asyncio.fixture(loop_scope="session")
async def console(demo_house: DemoHouse, browser: Browser) -> AsyncIterator[Callable[..., Any]]:
    """Logs an agent in to the console, in a profile of its own."""
    contexts: list[BrowserContext] = []

    async def log_in(agent: str) -> Page:
        context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = await context.new_page()
        await page.goto(demo_house.layout.links()["console"])
        await page.get_by_label("E-mail").fill(agent)
        await page.get_by_label("Password").fill(demo_house.passwords[agent])
        await page.get_by_role("button", name="Log in").click()
        await page.get_by_role("heading", name="Queue").wait_for()
        return page

    yield log_in
    for context in contexts:
        await context.close()
