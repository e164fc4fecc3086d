"""Products are found by what people write, and a feed that is away is said to be away."""

import asyncio

import pytest

from services.nlu.dialogue import Missing
from services.nlu.feed import FIRST_RETRY_SECONDS, TOO_OLD_SECONDS, ProductFeeds
from services.nlu.outbound import Outbound
from services.nlu.products import ALIKE, SURE, best, common_words, parse
from tests.unit.nlu.kitchen import (
    FEEDS,
    Request,
    Respond,
    demo_packs,
    plainly,
    shop_server,
)


def titles(merchant_id: str, text: str, least: float = ALIKE) -> list[str]:
    """What is found in a demo shop."""
    items = parse((FEEDS / merchant_id / "products.xml").read_bytes())
    common = common_words(demo_packs()[merchant_id])
    return [product.title for product in best(items, text, common, least)]


@pytest.mark.parametrize(
    ("merchant_id", "text", "first"),
    [
        ("fjellbekk", "har dere telt", "Telt Vidde 2"),
        ("fjellbekk", "Onko teillä telttoja?", "Telt Vidde 2"),
        ("fjellbekk", "Do you sell tents?", "Telt Vidde 2"),
        ("fjellbekk", "hvor mye koster SOVEPOSEN", "Sovepose Nattfrost"),
        ("fjellbekk", "ulltroyer", "Ulltrøye Myr"),
        ("fjellbekk", "støvler", "Fjellstøvel Steinur"),
        ("havsro", "letar efter gardiner", "Gardiner Bris, par"),
        ("havsro", "ullplad", "Ullpläd Hällmark"),
        ("havsro", "Har ni kuddar?", "Kudde Sandvik"),
        ("havsro", "vasen", "Vas Vassen"),
    ],
)
def test_found(merchant_id: str, text: str, first: str) -> None:
    assert titles(merchant_id, text)[0] == first


@pytest.mark.parametrize(
    "text", ["", "hva koster den", "har dere noe til barn", "???", "1 2 3", "du har den der"]
)
def test_nothing_found(text: str) -> None:
    assert titles("fjellbekk", text) == []


@pytest.mark.parametrize(
    "text", ["Hvem vant fotballkampen i går", "oppskrift på vafler", "asdf qwerty", "bla bla"]
)
def test_a_guess_is_strict(text: str) -> None:
    assert titles("fjellbekk", text, SURE) == []


def test_what_is_in_stock_comes_first() -> None:
    feed = feed_of(("Telt A", "out_of_stock"), ("Telt B", "in stock"))
    found = best(parse(feed), "telt", frozenset(), ALIKE)
    assert [(product.title, product.in_stock) for product in found] == [
        ("Telt B", True), ("Telt A", False),
    ]  # fmt: skip


def feed_of(*items: tuple[str, str]) -> bytes:
    """A small feed."""
    rows = "".join(
        f"<item><title>{title}</title><link>javascript:alert(1)</link>"
        f"<g:price>10.00 NOK</g:price><g:availability>{stock}</g:availability></item>"
        for title, stock in items
    )
    space = 'xmlns:g="http://base.google.com/ns/1.0"'
    return f"<rss {space}><channel>{rows}<item/></channel></rss>".encode()


def test_links_that_are_no_pages_are_left_out() -> None:
    (item,) = parse(feed_of(("Telt", "in_stock")))
    assert item.product.link is None
    assert item.product.price == "10 NOK"


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>"""


async def fetched(respond: Respond) -> ProductFeeds:
    """The feeds after a shop was asked once."""
    outbound, done = Outbound(frozenset({"127.0.0.1"})), asyncio.Event()

    async def and_tell(request: Request, writer: asyncio.StreamWriter) -> None:
        await respond(request, writer)
        done.set()

    async with shop_server(and_tell) as (url, _):
        feeds = ProductFeeds(outbound)
        feeds.watch(pack_with(f"{url}/feed.xml"))
        task = asyncio.create_task(feeds.keep_fresh())
        await asyncio.wait_for(done.wait(), 5)
        await until_settled(feeds)
        task.cancel()
    await outbound.close()
    return feeds


async def until_settled(feeds: ProductFeeds) -> None:
    """Waits until the answer was taken in, or refused."""
    shelf = feeds._shelves["fjellbekk"]
    async with asyncio.timeout(5):
        while shelf.due_at == 0:
            await asyncio.sleep(0.01)


def pack_with(feed_url: str | None):  # type: ignore[no-untyped-def]
    """Fjellbekk's pack with its feed at another address."""
    pack = demo_packs()["fjellbekk"]
    merchant = pack.merchant.model_copy(update={"feed_url": feed_url})
    return pack.model_copy(update={"merchant": merchant})


async def test_a_feed_is_fetched_and_searched() -> None:
    feed = (FEEDS / "fjellbekk" / "products.xml").read_bytes()
    feeds = await fetched(plainly(feed))
    found = feeds.search("fjellbekk", "har dere telt?")
    assert isinstance(found, tuple)
    assert found[0].title == "Telt Vidde 2"
    assert feeds.search("fjellbekk", "asdf", guess=True) == ()


@pytest.mark.parametrize(
    "respond",
    [
        plainly(b"<rss>"), plainly(b""), plainly(BOMB), plainly(b"", "500 Oops"),
        plainly(b'<?xml version="1.0" encoding="nonsense"?><rss/>'),
    ],
)  # fmt: skip
async def test_a_feed_that_cannot_be_read_is_away_and_tried_again_soon(respond: Respond) -> None:
    feeds = await fetched(respond)
    assert feeds.search("fjellbekk", "telt") is Missing.AWAY
    assert feeds._shelves["fjellbekk"].pause == 2 * FIRST_RETRY_SECONDS


async def test_products_that_are_too_old_are_not_shown() -> None:
    feeds = await fetched(plainly(feed_of(("Telt", "in_stock"))))
    assert feeds.search("fjellbekk", "telt") != Missing.AWAY
    feeds._shelves["fjellbekk"].fetched_at -= TOO_OLD_SECONDS + 1
    assert feeds.search("fjellbekk", "telt") is Missing.AWAY


async def test_a_merchant_without_a_feed_is_away_and_an_unchanged_feed_stays() -> None:
    feeds = await fetched(plainly(feed_of(("Telt", "in_stock"))))
    shelf = feeds._shelves["fjellbekk"]
    feeds.watch(pack_with(shelf.url))
    assert feeds._shelves["fjellbekk"] is shelf
    feeds.watch(pack_with(None))
    assert feeds.search("fjellbekk", "telt") is Missing.AWAY
    assert feeds.search("nobody", "telt") is Missing.AWAY
