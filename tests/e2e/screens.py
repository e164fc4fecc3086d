"""The pictures in docs/screens: the chat's main states on the demo shops' own pages. `make screens`."""

import asyncio
import base64
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Page, Route, async_playwright, expect

from deploy.demo.shop.app import create_app
from deploy.demo.shop.settings import ShopSettings
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.stage import GATEWAY, SHOP, Stage, shown

FOLDER = Path("docs/screens")
WAIT = {"low_seconds": 100, "high_seconds": 290}
NARROW = {"viewport": {"width": 390, "height": 780}}
WIDE = {"viewport": {"width": 1100, "height": 760}}
ZOOMED = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 2}

ORDER = {
    "kind": "parcel", "title": "Ordre 10482217", "lines": ["Sendt med Posten", "Ventes 25. november"],
    "link": "https://post.example/NP10482217",
}  # fmt: skip
TENT = {
    "kind": "product", "title": "Telt Vidde 2", "lines": ["3 299 kr", "På lager"],
    "link": "https://fjellbekk.example/products/telt-vidde-2",
}  # fmt: skip

INTAKE = {
    "topic": "track_parcel", "title": "Spore en pakke", "open_now": True, "fields": [
        {"key": "order_number", "kind": "order_number", "required": True, "label": "Ordrenummer",
         "why": "Så finner vi ordren med en gang."},
        {"key": "description", "kind": "long_text", "required": False, "label": "Hva lurer du på?",
         "why": "Så slipper du å forklare to ganger."},
    ],
}  # fmt: skip

Scene = Callable[[Stage, Page], Awaitable[None]]


class Street(Stage):
    """A stage before a real shop."""

    def __init__(self, context: BrowserContext, language: str, shop: httpx.AsyncClient) -> None:
        super().__init__(context, language)
        self._front = shop
        self.merchant = {"intake": [INTAKE]}

    async def _shop(self, route: Route) -> None:
        path = route.request.url.removeprefix(SHOP)
        page = f"/products/telt-vidde-2?lang={self.language}" if path == "/" else path
        answer = await self._front.get(page)
        kind = answer.headers["content-type"]
        await route.fulfill(status=answer.status_code, body=answer.content, content_type=kind)


async def talk(stage: Stage, page: Page) -> None:
    """A parcel is found, and a product."""
    stage.speak("visitor", "Hvor er pakken min? 10482217")
    stage.speak("bot", "Pakken er på vei til deg.", cards=[ORDER])
    stage.speak("visitor", "Har dere telt?")
    again = {"text": "Hvor lang leveringstid?", "action": "say"}
    stage.speak("bot", "Ja! Dette passer for to:", cards=[TENT], buttons=[again])
    await expect(page.locator(".card")).to_have_count(2)


async def gear(stage: Stage, page: Page) -> None:
    """What the visitor has the say in."""
    await talk(stage, page)
    await page.locator("[aria-controls=menu]").click()


async def queue(stage: Stage, page: Page) -> None:
    """A place, a wait, and a bell."""
    stage.speak("visitor", "Jeg vil snakke med et menneske")
    stage.own("queue", position=2, wait=WAIT)
    await expect(page.locator(".people .when")).to_be_visible()


async def human(stage: Stage, page: Page) -> None:
    """A person has come."""
    await queue(stage, page)
    stage.own("agent", agent="Kari")
    stage.speak("agent", "Hei, jeg heter Kari. Jeg ser på ordren din nå.")
    await expect(page.locator(".turn.agent")).to_be_visible()


async def form(stage: Stage, page: Page) -> None:
    """What is asked before the queue, and why."""
    stage.speak("visitor", "Hvor er pakken min? 10482217")
    await page.locator(".bar .pill").click()
    await page.locator("#topic").select_option("track_parcel")


@dataclass(frozen=True)
class Screen:
    """One picture."""

    name: str
    scene: Scene
    look: dict[str, Any]
    language: str = "nb"


SCREENS = (
    Screen("desktop", talk, WIDE), Screen("dark", talk, {**WIDE, "color_scheme": "dark"}),
    Screen("phone", talk, NARROW), Screen("gear", gear, NARROW), Screen("form", form, NARROW),
    Screen("queue", queue, NARROW), Screen("human", human, {**NARROW, "color_scheme": "dark"}),
    Screen("400-percent", talk, ZOOMED),
)  # fmt: skip


async def picture(screen: Screen, context: BrowserContext, shop: httpx.AsyncClient) -> bytes:
    """The screen as PNG."""
    stage = Street(context, screen.language, shop)
    await context.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.querySelector('.strip')?.remove())"
    )
    page = await stage.open()
    await shown(page)
    await screen.scene(stage, page)
    return await page.screenshot(animations="disabled")


async def draw() -> None:
    """Draws all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        secret = "whsec_" + base64.b64encode(b"an invented secret for pictures!").decode()
        (Path(folder) / "webhook-fjellbekk.secret").write_text(secret)
        settings = ShopSettings(gateway_url=GATEWAY, secrets_dir=Path(folder))
        app = create_app("fjellbekk", settings, Path(folder) / "orders.sqlite3")
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SHOP) as shop,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for screen in SCREENS:
                context = await browser.new_context(timezone_id="Europe/Oslo", **screen.look)
                await context.clock.set_fixed_time("2026-11-23T12:00:00Z")
                (FOLDER / f"{screen.name}.png").write_bytes(await picture(screen, context, shop))
                await context.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(draw())
