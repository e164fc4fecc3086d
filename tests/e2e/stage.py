"""A shop's page with the chat on a gateway that a test plays itself: any state, at once."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute, expect

from services.gateway.files import widget_files

SHOP = "http://shop.test"
GATEWAY = "http://chat.test"
PAGE = (
    '<!doctype html><html lang="{language}" dir="{direction}">'
    '<meta name="viewport" content="width=device-width">'
    "<title>Shop</title><main><h1>Shop</h1></main>"
    f'<script src="{GATEWAY}/widget/v1/loader.js" data-merchant="fjellbekk"></script></html>'
)
WHY = {
    "nb": ("Spore en pakke", "Ordrenummer", "Så finner vi ordren med en gang."),
    "sv": ("Spåra ett paket", "Ordernummer", "Då hittar vi ordern direkt."),
    "da": ("Spor en pakke", "Ordrenummer", "Så finder vi ordren med det samme."),
    "fi": ("Seuraa pakettia", "Tilausnumero", "Näin löydämme tilauksen heti."),
    "en": ("Track a parcel", "Order number", "So we find the order at once."),
}
BOT = {
    "owner": "bot", "position": None, "wait": None, "open_now": True, "opens_at": None,
    "agent": None, "case_id": None, "rate": False,
}  # fmt: skip
ERASED = {
    "done": True, "completed_at": "2026-11-23T12:00:00+00:00", "waiting_for": [],
    "acknowledged": ["gateway", "nlu", "handoff", "retention", "analytics"],
}  # fmt: skip


class Stage:
    """One visitor's page; what the gateway would say is said by the test."""

    def __init__(
        self, context: BrowserContext, language: str = "nb", direction: str = "ltr"
    ) -> None:
        self.context = context
        self.language = language
        self.direction = direction
        self.open_now = True
        self.opens_at: str | None = None
        self.heard: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.called: list[str] = []
        self.broken: set[str] = set()
        self.refuses: dict[str, str] = {}
        self.ignores: set[str] = set()
        self.is_away = False
        self.is_silent = False
        self.merchant: dict[str, Any] = {}
        self.files = widget_files()
        self._socket: WebSocketRoute | None = None
        self._welcome: dict[str, Any] = BOT
        self._seq = 0
        self.greeted = asyncio.Event()
        self._heard = asyncio.Event()

    async def open(self, **welcome: Any) -> Page:
        """Opens the page with a conversation that exists already."""
        self.welcomes(**welcome)
        await self.context.route(f"{SHOP}/**", self._shop)
        await self.context.route(f"{GATEWAY}/**", self._gateway)
        await self.context.route_web_socket(f"{GATEWAY.replace('http', 'ws')}/**", self._line)
        kept = json.dumps({"conversation_id": "a" * 32, "token": "t", "locale": self.language})
        keep = f"localStorage['prat:fjellbekk'] ??= {json.dumps(kept)}"
        await self.context.add_init_script(f"if (origin === '{SHOP}') {keep}")
        page = await self.context.new_page()
        await page.goto(SHOP)
        await asyncio.wait_for(self.greeted.wait(), 10)
        return page

    async def _shop(self, route: Route) -> None:
        text = PAGE.format(language=self.language, direction=self.direction)
        await route.fulfill(body=text, content_type="text/html; charset=utf-8")

    async def _gateway(self, route: Route) -> None:
        path = route.request.url.removeprefix(GATEWAY).split("?")[0]
        self.asked.append(path)
        headers = {"access-control-allow-origin": "*"}
        if path in self.broken:
            await route.abort()
        elif path.startswith("/widget/v1/"):
            file = self.files[path.removeprefix("/widget/v1/")]
            await route.fulfill(body=file.plain, content_type="text/javascript", headers=headers)
        else:
            self.called.append(f"{route.request.method} {path}")
            await route.fulfill(json=self._answer(path, route), headers=headers)

    def _answer(self, path: str, route: Route) -> dict[str, Any]:
        if path.startswith("/v1/erasures/"):
            return ERASED
        return self._merchant(route) if "/merchants/" in path else {"erasure_id": str(uuid4())}

    def _merchant(self, route: Route) -> dict[str, Any]:
        language = route.request.url.partition("locale=")[2] or self.language
        title, label, why = WHY.get(language, WHY["en"])
        field = {"key": "order_number", "kind": "order_number", "required": True}
        mail = {"key": "email", "kind": "email", "required": False, "label": "E-mail", "why": why}
        more = {"key": "description", "kind": "long_text", "required": False}
        return {
            "id": "fjellbekk", "name": "Fjellbekk Friluft AS", "colour": "#0f6e6e",
            "provider": "Prat Demo Provider AS", "languages": list(WHY), "locale": language,
            "welcome": "Hei!", "notice_url": f"{SHOP}/privacy", "retention_days": 90,
            "open_now": self.open_now, "opens_at": self.opens_at, "intake": [{
                "topic": "track_parcel", "title": title, "open_now": self.open_now,
                "fields": [field | {"label": label, "why": why}, mail,
                           more | {"label": title, "why": why}],
            }],
        } | self.merchant  # fmt: skip

    async def _line(self, socket: WebSocketRoute) -> None:
        if self.is_away:
            await socket.close(code=1013)
            return
        self._socket = socket
        socket.on_message(self._hear)

    async def drop(self, code: int = 1012) -> None:
        """Closes the line."""
        assert self._socket
        await self._socket.close(code=code)

    def _hear(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.heard.append(frame)
        self._heard.set()
        if self.is_silent:
            return
        if frame["type"] == "hello":
            self.say({"type": "welcome", "last_seq": self._seq, **self._welcome})
            self.greeted.set()
        elif frame["type"] in self.ignores:
            return
        elif frame["type"] in self.refuses:
            code = self.refuses[frame["type"]]
            self.say({"type": "error", "code": code, "client_id": frame["client_id"]})
        elif "client_id" in frame:
            self.say({"type": "accepted", "client_id": frame["client_id"], "id": named(frame)})

    def say(self, frame: dict[str, Any]) -> None:
        """Sends a frame to the widget."""
        self.babble(json.dumps(frame))

    def babble(self, text: str) -> None:
        """Sends a text, whatever it is."""
        assert self._socket
        self._socket.send(text)

    def welcomes(self, **welcome: Any) -> None:
        """What the next hello is answered with."""
        self._welcome = BOT | welcome

    def own(self, owner: str, **more: Any) -> None:
        """Says who answers now."""
        self.welcomes(owner=owner, **more)
        self.say({"type": "owner", **self._welcome})

    def speak(self, author: str, text: str, **more: Any) -> None:
        """Somebody says something."""
        self._seq += 1
        self.say({
            "type": "message", "id": str(uuid4()), "seq": self._seq, "author": author,
            "text": text, "speaker": "Kari" if author == "agent" else None,
            "language": self.language, "at": "2026-11-23T12:00:00+00:00", **more,
        })  # fmt: skip

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until something is true of what was heard."""
        async with asyncio.timeout(10):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """The widget's frames of one type."""
        return [frame for frame in self.heard if frame["type"] == kind]


def named(frame: dict[str, Any]) -> str:
    """The id of the widget's own message: the same for each resend."""
    return str(uuid5(NAMESPACE_OID, frame["client_id"]))


async def shown(page: Page) -> None:
    """Opens the chat and waits until it stands."""
    await page.evaluate("() => window.Prat.open()")
    await expect(page.get_by_role("dialog")).to_be_visible()
