"""Feeds and texts of both shops: complete, well-formed, in each language."""

import re

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from deploy.demo.shop.catalogue import HERE, MERCHANTS, feed, load_shop, parse_feed, translated

both = pytest.mark.parametrize("merchant", MERCHANTS)


@both
def test_every_product_is_complete(merchant: str) -> None:
    products, currency = parse_feed(feed(merchant, None)), load_shop(merchant).currency
    assert len(products) == 24
    assert len({product.id for product in products}) == 24
    assert len({product.slug for product in products}) == 24
    for product in products:
        assert all(vars(product).values()), product.id
        assert re.fullmatch(rf"[0-9]+\.00 {currency}", product.price)
        assert product.availability in ("in_stock", "out_of_stock")


@both
def test_both_availabilities_occur(merchant: str) -> None:
    products = parse_feed(feed(merchant, None))
    assert {product.availability for product in products} == {"in_stock", "out_of_stock"}


@both
def test_every_product_has_its_picture(merchant: str) -> None:
    sprite = (HERE / "data" / merchant / "pictures.svg").read_text(encoding="utf-8")
    for product in parse_feed(feed(merchant, None)):
        assert f'id="pic-{product.picture}"' in sprite
        assert re.fullmatch("#[0-9a-f]{6}", product.tint)


@both
def test_english_texts_for_every_product_and_nothing_else_changes(merchant: str) -> None:
    shop, own = load_shop(merchant), parse_feed(feed(merchant, None))
    english = translated(own, shop, "en")
    for before, after in zip(own, english, strict=True):
        assert before.title != after.title
        assert before.description != after.description
        assert (before.id, before.price, before.link) == (after.id, after.price, after.link)


@both
def test_every_language_of_a_shop_has_the_same_texts(merchant: str) -> None:
    texts = load_shop(merchant).texts
    first, *others = (set(words) for words in texts.values())
    assert all(first == other for other in others)


async def test_the_published_feed_leads_to_the_running_shop(
    fjellbekk: httpx.AsyncClient, havsro: httpx.AsyncClient
) -> None:
    answer = await fjellbekk.get("/feed.xml")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    links = [item.findtext("link") or "" for item in fromstring(answer.text).iter("item")]
    assert {(await fjellbekk.get(link)).status_code for link in links} == {200}
    assert links[0] == "http://127.0.0.1:8080/products/skalljakke-storegga"
    assert "https://havsro.example/products/" in (await havsro.get("/feed.xml")).text
