"""Any page of a shop with any tag of the chat, on a gateway that the test plays: the front door."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, Page, Route

from tests.e2e.stage import GATEWAY, SHOP, Stage

LOADER = f"{GATEWAY}/widget/v1/loader.js"
TAG = f'<script src="{LOADER}" data-merchant="fjellbekk" async></script>'
CONVERSATION = {
    "conversation_id": "b" * 32,
    "token": "t",
    "expires_at": "2027-02-21T12:00:00+00:00",
}


@dataclass
class Answer:
    """What the gateway says to a call."""

    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)


class Front(Stage):
    """A stage whose page and tag the test writes; nobody has talked yet."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context)
        self.pages: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.changed: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {"/v1/conversations": Answer(201, CONVERSATION)}
        self.bodies: list[tuple[str, Any]] = []
        self.console: list[str] = []
        self.faults: list[str] = []
        self._said = asyncio.Event()
        self.welcomes()

    async def prepare(self) -> "Front":
        """Puts the shop and the gateway behind the browser's requests."""
        await self.context.route(f"{SHOP}/**", self._shop)
        await self.context.route(f"{GATEWAY}/**", self._gateway)
        await self.context.route_web_socket(f"{GATEWAY.replace('http', 'ws')}/**", self._line)
        return self

    async def visit(self, body: str, path: str = "/", *, wait: bool = True) -> Page:
        """Opens a page of the shop; returns when the button stands, if it should."""
        self.pages[path] = body if "<html" in body else f'<!doctype html><html lang="en">{body}'
        page = await self.context.new_page()
        page.on("console", lambda line: self._say(line.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        await page.goto(SHOP + path)
        if wait:
            await page.locator("prat-chat .launcher").wait_for(state="attached")
        return page

    async def hears(self, count: int) -> None:
        """Waits until the browser's console has this many lines."""
        async with asyncio.timeout(20):
            while len(self.console) < count:
                self._said.clear()
                await self._said.wait()

    async def says(self, text: str) -> None:
        """Waits until a line of the browser's console has this text."""
        async with asyncio.timeout(20):
            while not any(text in line for line in self.console):
                self._said.clear()
                await self._said.wait()

    def _say(self, line: str) -> None:
        self.console.append(line)
        self._said.set()

    async def _shop(self, route: Route) -> None:
        path = route.request.url.removeprefix(SHOP)
        text = self.pages.get(path, "")
        headers = {"content-type": "text/html; charset=utf-8", **self.headers}
        await route.fulfill(status=200 if text else 404, body=text, headers=headers)

    async def _gateway(self, route: Route) -> None:
        path = route.request.url.removeprefix(GATEWAY).partition("?")[0]
        answer = self.answers.get(path)
        if path in self.changed:
            self.asked.append(path)
            headers = {"access-control-allow-origin": "*", "content-type": "text/javascript"}
            await route.fulfill(body=self.changed[path], headers=headers)
        elif answer is None:
            await super()._gateway(route)
        else:
            self.asked.append(path)
            headers = {"access-control-allow-origin": SHOP, "access-control-allow-methods": "*",
                       "access-control-allow-headers": "authorization, content-type"}  # fmt: skip
            if route.request.method == "OPTIONS":
                await route.fulfill(status=204, headers=headers)
                return
            self.bodies.append((path, route.request.post_data_json))
            await route.fulfill(status=answer.status, json=answer.body, headers=headers)
