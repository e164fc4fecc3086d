"""What the browser tests know of the shops: words, orders, and what a visitor does with the chat."""

from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Words:
    """What a visitor says and reads in one language."""

    launcher: str
    gear: str
    input: str
    person: str
    disclosure: str
    where_is_it: str
    delivery: str
    payment: str
    product: str
    erase: str
    erase_yes: str
    erased: str
    page: str
    data: str
    join: str
    queued: str
    form_topic: str


NB = Words(
    launcher="Chat med oss", gear="Innstillinger", input="Skriv en melding",
    person="Snakk med et menneske", disclosure="dataprogram", where_is_it="Hvor er pakken min?",
    delivery="Hvilke leveringsmåter har dere?", payment="Hvordan kan jeg betale?",
    product="Har dere telt?", erase="Slett samtalen", erase_yes="Slett alt", erased="Slettet overalt",
    page="Last ned som side (HTML)", data="Last ned som data (JSON)", join="Still deg i køen",
    queued="nummer", form_topic="Hva gjelder det?",
)  # fmt: skip
SV = Words(
    launcher="Chatta med oss", gear="Inställningar", input="Skriv ett meddelande",
    person="Prata med en människa", disclosure="datorprogram", where_is_it="Var är mitt paket?",
    delivery="Vilka leveranssätt har ni?", payment="Hur kan jag betala?", product="Har ni kuddar?",
    erase="Radera konversationen", erase_yes="Radera allt", erased="Raderat överallt",
    page="Ladda ner som sida (HTML)", data="Ladda ner som data (JSON)", join="Ställ dig i kön",
    queued="nummer", form_topic="Vad gäller det?",
)  # fmt: skip
EN = Words(
    launcher="Chat with us", gear="Settings", input="Write a message", person="Talk to a person",
    disclosure="computer program", where_is_it="Where is my parcel?",
    delivery="Which delivery methods do you have?", payment="How can I pay?", product="",
    erase="Delete the conversation", erase_yes="Delete everything", erased="Deleted everywhere",
    page="Download as a page (HTML)", data="Download as data (JSON)", join="Join the queue",
    queued="number", form_topic="What is it about?",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One shop in one language, with an order and a product of its own.

    Where the page has another language than the visitor, the visitor chooses it in the chat.
    """

    merchant: str
    language: str
    words: Words
    order: str
    product: str
    agent: str
    page: Words | None = None
    page_language: str | None = None

    def __str__(self) -> str:
        """The test's name."""
        return f"{self.merchant}-{self.language}"

    @property
    def launcher(self) -> str:
        """The name of the chat's button, in the language of the shop's page."""
        return (self.page or self.words).launcher


CASES = (
    Case("fjellbekk", "nb", NB, "10482217", "Har dere telt?", "kari@fjellbekk.example"),
    Case("fjellbekk", "en", EN, "10482225", "Do you sell tents?", "kari@fjellbekk.example"),
    Case("havsro", "sv", SV, "20735524", "Har ni kuddar?", "elsa@havsro.example"),
    Case("havsro", "nb", NB, "20735556", "Har dere keramikk?", "elsa@havsro.example", SV, "sv"),
    Case("havsro", "en", EN, "20735531", "Do you sell cushions?", "elsa@havsro.example"),
)


@dataclass
class Shop:
    """A shop's page with the chat, as a visitor sees it."""

    page: Page
    case: Case
    calls: list[str]

    async def log_in(self) -> str:
        """Logs in as the shop's customer; the customer's name."""
        account = self.page.locator("#account")
        await account.get_by_role("button").click()
        await expect(account.locator("span")).not_to_be_empty()
        return await account.locator("span").inner_text()

    @property
    def chat(self) -> Locator:
        """The chat's element, with its own tree inside."""
        return self.page.locator("prat-chat")

    @property
    def panel(self) -> Locator:
        """The open panel."""
        return self.page.get_by_role("dialog").first

    async def open_chat(self) -> None:
        """Presses the symbol in the lower right corner."""
        await self.page.get_by_role("button", name=self.case.launcher).click()
        await self.panel.wait_for()
        if self.case.page_language:
            await self.page.get_by_role("combobox", name="Språk").first.select_option(
                self.case.language
            )

    async def say(self, text: str) -> None:
        """Writes a message and sends it with Enter."""
        box = self.page.get_by_role("textbox", name=self.case.words.input)
        await box.fill(text)
        await box.press("Enter")

    async def ask(self, text: str) -> str:
        """Says something and returns the text of the bot's answer to it."""
        turns = self.panel.locator(".turn.bot")
        before = await turns.count()
        await self.say(text)
        await turns.nth(before).wait_for(timeout=30_000)
        return await turns.nth(before).inner_text()

    async def gear(self, item: str) -> Locator:
        """Opens the gear menu; the item with this name."""
        await self.page.get_by_role("button", name=self.case.words.gear).click()
        return self.page.get_by_role("menuitem", name=item)

    async def stored(self) -> dict[str, str]:
        """What the page's origin keeps in this browser."""
        kept: dict[str, str] = await self.page.evaluate(
            "() => ({...localStorage, ...sessionStorage})"
        )
        return kept


async def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, a line each."""
    await page.evaluate(AXE.read_text() + ";0")
    result = await page.evaluate("tags => axe.run(document, {runOnly: tags})", AXE_TAGS)
    return [
        f"{fault['id']}: {node['target']}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
