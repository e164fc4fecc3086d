"""A shop's page with the chat on a gateway that a test plays itself: any state, at once."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute, expect

from services.gateway.files import WidgetFiles

WIDGET = Path("services/gateway/widget")
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
        self.broken: set[str] = set()
        self.refuses: dict[str, str] = {}
        self._files = WidgetFiles(WIDGET).files
        self._socket: WebSocketRoute | None = None
        self._welcome: dict[str, Any] = BOT
        self._seq = 0
        self._greeted = asyncio.Event()

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
        await asyncio.wait_for(self._greeted.wait(), 10)
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
            file = self._files[path.removeprefix("/widget/v1/")]
            await route.fulfill(body=file.plain, content_type="text/javascript", headers=headers)
        else:
            await route.fulfill(json=self._merchant(route), headers=headers)

    def _merchant(self, route: Route) -> dict[str, Any]:
        language = route.request.url.partition("locale=")[2] or self.language
        title, label, why = WHY[language]
        field = {"key": "order_number", "kind": "order_number", "required": True}
        more = {"key": "description", "kind": "long_text", "required": False}
        return {
            "id": "fjellbekk", "name": "Fjellbekk Friluft AS", "colour": "#0f6e6e",
            "provider": "Prat Demo Provider AS", "languages": list(WHY), "locale": language,
            "welcome": "Hei!", "notice_url": f"{SHOP}/privacy", "retention_days": 90,
            "open_now": self.open_now, "opens_at": self.opens_at, "intake": [{
                "topic": "track_parcel", "title": title, "open_now": self.open_now,
                "fields": [field | {"label": label, "why": why}, more | {"label": title, "why": why}],
            }],
        }  # fmt: skip

    async def _line(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._hear)

    def _hear(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.heard.append(frame)
        if frame["type"] == "hello":
            self.say({"type": "welcome", "last_seq": self._seq, **self._welcome})
            self._greeted.set()
        elif frame["type"] in self.refuses:
            code = self.refuses[frame["type"]]
            self.say({"type": "error", "code": code, "client_id": frame["client_id"]})
        elif "client_id" in frame:
            self.say({"type": "accepted", "client_id": frame["client_id"], "id": str(uuid4())})

    def say(self, frame: dict[str, Any]) -> None:
        """Sends a frame to the widget."""
        assert self._socket
        self._socket.send(json.dumps(frame))

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

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """The widget's frames of one type."""
        return [frame for frame in self.heard if frame["type"] == kind]


async def shown(page: Page) -> None:
    """Opens the chat and waits until it stands."""
    await page.evaluate("() => window.prat.open()")
    await expect(page.get_by_role("dialog")).to_be_visible()
