"""Products are found by what people write, and a feed that is away is said to be away."""

import asyncio
import gzip

import pytest
from structlog.testing import capture_logs

from libs.kit.outbound import Outbound
from services.nlu.dialogue.state import Missing, Product
from services.nlu.shop.feed import FIRST_RETRY_SECONDS, TOO_OLD_SECONDS, ProductFeeds
from services.nlu.shop.products import ALIKE, SURE, common_words, parse
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
    return [product.title for product in items.search(text, common, least)]


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
    found = parse(feed).search("telt", frozenset(), ALIKE)
    assert [(product.title, product.in_stock) for product in found] == [
        ("Telt B", True), ("Telt A", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("merchant_id", "text", "first"),
    [
        ("fjellbekk", "har ni tält", "Telt Vidde 2"),
        ("fjellbekk", "onko teillä reppuja", "Sekk Rondane 55"),
        ("fjellbekk", "do you have a sleeping bag", "Sovepose Nattfrost"),
        ("fjellbekk", "haluaisin takin", "Skalljakke Storegga"),
        ("fjellbekk", "turstøvler", "Fjellstøvel Steinur"),
        ("fjellbekk", "støvler til tur", "Fjellstøvel Steinur"),
        ("fjellbekk", "vandringskängor i 42", "Fjellstøvel Steinur"),
        ("fjellbekk", "vinterjakke dame", "Skalljakke Storegga"),
        ("fjellbekk", "soveposse", "Sovepose Nattfrost"),
        ("fjellbekk", "sovepsoen", "Sovepose Nattfrost"),
        ("havsro", "towels", "Handduk Salt"), ("havsro", "håndklær", "Handduk Salt"),
        ("havsro", "mattoja", "Badrumsmatta Grus"),
        ("havsro", "Har I dyner", "Påslakanset Klippa"),
        ("havsro", "kynttilänjalka", "Ljusstake Fyrljus"),
        ("fjellbekk", "FB-1003", "Turbukse Lynghei"),
        ("fjellbekk", "varenr fb 1003", "Turbukse Lynghei"),
        ("fjellbekk", "noe fra Vardetind", "Turbukse Lynghei"),
    ],
)  # fmt: skip
def test_found_across_languages_compounds_and_typos(
    merchant_id: str, text: str, first: str
) -> None:
    assert titles(merchant_id, text)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "hva koster pakken",
        "kan jeg betale med vipps",
        "har dere trillebager",
        "gave til mamma",
        "Hvem vant",
    ],
)
def test_no_products_for_words_that_name_none(text: str) -> None:
    assert titles("fjellbekk", text) == []
    assert titles("havsro", text) == []


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
    (product,) = parse(feed_of(("Telt", "in_stock"))).search("telt", frozenset(), ALIKE)
    assert product.link is None
    assert product.price == "10 NOK"


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
        plainly(b"<rss>"), plainly(b""), plainly(b"\x1f\x8bnonsense"), plainly(b"a,b\n1,2\n"),
        plainly(BOMB), plainly(b"", "500 Oops"),
        plainly(b'<?xml version="1.0" encoding="nonsense"?><rss/>'),
    ],
)  # fmt: skip
async def test_a_feed_that_cannot_be_read_is_away_and_tried_again_soon(respond: Respond) -> None:
    feeds = await fetched(respond)
    assert feeds.search("fjellbekk", "telt") is Missing.AWAY
    assert feeds._shelves["fjellbekk"].pause == 2 * FIRST_RETRY_SECONDS


async def test_bad_rows_are_counted_and_never_fatal() -> None:
    with capture_logs() as logs:
        await fetched(plainly(feed_of(("Telt", "in_stock"), ("", "in_stock"))))
    (line,) = [line for line in logs if line["event"] == "Products read."]
    assert line == {
        "event": "Products read.", "log_level": "info", "merchant_id": "fjellbekk", "count": 1,
        "bad": 2,
    }  # fmt: skip


async def test_an_unchanged_feed_keeps_its_catalogue() -> None:
    feeds = await fetched(plainly(feed_of(("Telt", "in_stock"))))
    shelf = feeds._shelves["fjellbekk"]
    known = shelf.items
    await feeds._take_in(shelf, feed_of(("Telt", "in_stock")))
    assert shelf.items is known
    await feeds._take_in(shelf, feed_of(("Lue", "in_stock")))
    assert shelf.items is not known


async def test_a_table_and_a_packed_feed_are_read_too() -> None:
    table = b"id\ttitle\tprice\tavailability\n1\tTelt\t10 NOK\tin stock\n"
    for feed in (table, gzip.compress(table)):
        (product,) = (await fetched(plainly(feed))).search("fjellbekk", "telt")
        assert isinstance(product, Product)
        assert product.in_stock


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
