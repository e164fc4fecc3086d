"""Feeds are read as shops write them: RSS, Atom, tables with any delimiter, packed; never trusted."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlu.shop import feedfile
from services.nlu.shop.feedfile import rows

SPACE = 'xmlns:g="http://base.google.com/ns/1.0"'
TENT = {"id": "1", "title": "Telt, stort", "price": "899.00 NOK", "link": "https://shop.example/1"}


RSS = (
    f"<rss {SPACE}><channel><title>Shop</title><item><g:id>1</g:id><title>Telt, stort</title>"
    "<link>https://shop.example/1</link><g:price>899.00 NOK</g:price></item></channel></rss>"
)
ATOM = (
    f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACE}><title>Shop</title><entry><g:id>1</g:id>'
    '<g:title>Telt, stort</g:title><title>Other</title><link href="https://shop.example/1"/>'
    "<g:price>899.00 NOK</g:price></entry></feed>"
)


@pytest.mark.parametrize(
    "feed",
    [
        RSS,
        ATOM,
        'id,title,price,link\n1,"Telt, stort",899.00 NOK,https://shop.example/1\n',
        "\ufeffid;title;price;link\n1;Telt, stort;899.00 NOK;https://shop.example/1\n",
        "g:ID\tTitle\tPrice\tURL\tunknown\n1\tTelt,  stort\t899.00 NOK\thttps://shop.example/1\tx\n",
        'id|title|price|link\r\n1|"Telt, stort"|899.00 NOK|https://shop.example/1\r\n\r\n',
    ],
)  # fmt: skip
def test_every_form_says_the_same(feed: str) -> None:
    assert list(rows(feed.encode())) == [TENT]
    assert list(rows(gzip.compress(feed.encode()))) == [TENT]


def test_a_table_in_utf_16_is_read() -> None:
    assert list(rows("title\tprice\nTält\t5 SEK\n".encode("utf-16"))) == [
        {"title": "Tält", "price": "5 SEK"}
    ]


def test_bad_lines_are_rows_with_less() -> None:
    table = 'title,price,link\nTelt\n\nLue,5 kr,x,too,many\n"' + "x" * 200_000 + '",1,2\nSko,7 kr\n'
    assert list(rows(table.encode())) == [
        {"title": "Telt"}, {"title": "Lue", "price": "5 kr", "link": "x"}, {},
        {"title": "Sko", "price": "7 kr"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "feed",
    [b"", b"   ", b"hello", b"id,name of it\n1,2\n", b"\x1f\x8b", gzip.compress(b"title,price\n")[:-6],
     b'<!DOCTYPE x [<!ENTITY a "b">]><rss><item><title>&a;</title></item></rss>',
     b"<rss><item>", b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_feed_is_refused(feed: bytes) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        list(rows(feed))


def test_a_packed_feed_that_grows_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedfile, "MOST_UNPACKED", 1000)
    with pytest.raises(ValueError, match="too large"):
        list(rows(gzip.compress(b"title,price\n" + b"x" * 5000)))


def test_items_are_forgotten_once_they_are_read() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(1000))
    assert sum(1 for _ in rows(f"<rss><channel>{items}</channel></rss>".encode())) == 1000


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_refused(feed: bytes) -> None:
    try:
        found = list(rows(feed))
    except (ValueError, SyntaxError, LookupError):
        return
    assert all(set(row) <= feedfile.COLUMNS for row in found)
