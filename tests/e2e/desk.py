"""What the browser tests do at the agents' desk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route, expect

from deploy.local.secrets import agent_passwords
from libs.contracts.content import CannedReply
from libs.kit.content import Packs
from tests.builders import everywhere, pack
from tests.handoff_house import KARI, House, handoff_house
from tests.visitor import Visitor

ORDER = "10482217"
OLA = "ola@fjellbekk.example"
CANNED = (
    CannedReply(key="hello", text=everywhere("Hello! I am looking at it.")),
    CannedReply(key="returns", text=everywhere("You have 30 days.")),
)


@asynccontextmanager
async def staffed_house(
    env: Mapping[str, str], **shop: Any
) -> AsyncIterator[tuple[House, dict[str, str]]]:
    """A house with ready answers, where Kari is there; and the passwords of Kari and Ola."""
    passwords = agent_passwords(Path(env["PRAT_SECRETS_DIR"]), [KARI, OLA])
    async with handoff_house(env, KARI, packs=Packs(pack(canned=CANNED, **shop))) as house:
        yield house, passwords


async def fill_in(page: Page, house: House, password: str, who: str = KARI) -> None:
    """Fills in the log-in form and sends it."""
    await page.goto(house.console)
    await page.locator("#email").fill(who)
    await page.locator("#password").fill(password)
    await page.keyboard.press("Enter")


async def log_in(page: Page, house: House, waiting: int) -> None:
    """Kari comes to a desk where so many cases wait."""
    await fill_in(page, house, house.password)
    await expect(page.locator("#queue")).to_be_visible()
    await expect(page.locator("#queue li")).to_have_count(waiting)


@asynccontextmanager
async def desk_of(browser: Browser, house: House, who: str, password: str) -> AsyncIterator[Page]:
    """A desk in English, in a profile of its own."""
    context = await browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 800})
    page = await context.new_page()
    await fill_in(page, house, password, who)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    yield page
    await context.close()


async def asks(visitor: Visitor, *said: str, description: str = "") -> None:
    """A visitor says things to the bot, fills in the form and waits in the queue."""
    for text in said:
        await visitor.say(text)
    await visitor.ask_for_person("track_parcel", order_number=ORDER, description=description)
    await visitor.until(lambda me: me.owner.get("position"))


async def lose_the_answer(route: Route) -> None:
    """The server takes the request, but what it says to it does not arrive."""
    await route.fetch()
    await route.abort()
