"""A catalogue: colours and sizes as filters, articles, prices, order, and a hundred thousand products."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlu.dialogue.state import Product
from services.nlu.shop.products import ALIKE, SURE, Catalogue
from tests.bench.products import measure


def catalogue_of(*rows: dict[str, str]) -> Catalogue:
    """A small catalogue."""
    base = {"price": "10.00 NOK", "availability": "in_stock"}
    return Catalogue({**base, **row} for row in rows)


def found(catalogue: Catalogue, text: str) -> list[Product]:
    """What a question finds."""
    return list(catalogue.search(text, frozenset(), ALIKE))


JACKETS = (
    {"id": "1", "title": "Jakke Li", "color": "Svart", "size": "S", "item_group_id": "A"},
    {"id": "2", "title": "Jakke Li", "color": "Svart", "size": "M", "item_group_id": "A",
     "availability": "out_of_stock"},
    {"id": "3", "title": "Jakke Li", "color": "Fjordblå", "size": "L", "item_group_id": "A"},
    {"id": "4", "title": "Jakke Dal", "color": "Rød", "size": "XL", "item_group_id": "B"},
)  # fmt: skip


def test_one_card_for_all_sizes_and_colours_of_an_item() -> None:
    first, second = found(catalogue_of(*JACKETS), "jakke")
    assert (first.title, first.article, first.sizes) == ("Jakke Li", "1", ("S", "L"))
    assert (second.title, second.colour, second.lacks) == ("Jakke Dal", "Rød", ())


@pytest.mark.parametrize(
    ("text", "articles", "lacks"),
    [
        ("svart jakke", ["1"], ()), ("blå jakke i str L", ["3"], ()), ("jakke i str M", ["2"], ()),
        ("jakke i str XXL", ["1", "4"], ("XXL",)), ("gul jakke i XL", ["4"], ("yellow",)),
        ("mörkblå jacka", ["3"], ()), ("noe i rødt", ["4"], ()), ("noe i grønt", [], ()),
    ],
)  # fmt: skip
def test_colour_and_size_filter_or_are_said_to_lack(
    text: str, articles: list[str], lacks: tuple[str, ...]
) -> None:
    products = found(catalogue_of(*JACKETS), text)
    assert [product.article for product in products] == articles
    assert {product.lacks for product in products} <= {lacks}


@pytest.mark.parametrize(
    ("size", "text", "fits"),
    [
        ("37-47", "sko i 42", True), ("37-47", "sko i 48", False), ("38/40", "sko str 40", True),
        ("EU 42", "sko strl 42", True),
        ("150 x 210 cm", "sko 150x210", True), ("2 x 140 x 250 cm", "sko 140 x 250", True),
        ("S, M, L", "sko i str M", True),
        ("65-135 cm", "sko i 70 cm", False), ("XS/S/M", "sko i medium", True),
    ],
)  # fmt: skip
def test_sizes_are_understood_as_feeds_write_them(size: str, text: str, fits: bool) -> None:
    (product,) = found(catalogue_of({"title": "Sko", "size": size}), text)
    assert (product.lacks == ()) is fits


@pytest.mark.parametrize(
    ("row", "text", "lacks"),
    [
        ({"size": "UK 8"}, "sko UK 8", ()), ({"size": "8 (UK)"}, "sko str 8 UK", ()),
        ({"size": "UK 8"}, "sko EU 42", ("EU 42",)), ({"size": "UK 8"}, "sko US 9", ("US 9",)),
        ({"size": "42"}, "sko UK 8", ("UK 8",)), ({"size": "42"}, "sko str. 42 EU", ()),
        ({"size": "42"}, "sko UK 42", ("UK 42",)), ({"size": "37-47"}, "sko EU 42", ()),
        ({"size": "8", "size_system": "UK"}, "sko UK 8", ()),
        ({"size": "8", "size_system": "uk"}, "sko str 8", ()),
        ({"size": "8", "size_system": "UK"}, "sko EU 8", ("EU 8",)),
        ({"size": "8", "size_system": "EU"}, "sko UK 8", ("UK 8",)),
        ({"size": "UK 8 / EU 42"}, "sko EU 42", ()), ({"size": "UK 8 / EU 42"}, "sko 8 UK", ()),
        ({"size": "L", "size_system": "US"}, "sko US L", ()),
    ],
)  # fmt: skip
def test_a_size_of_one_system_is_never_taken_for_another(
    row: dict[str, str], text: str, lacks: tuple[str, ...]
) -> None:
    (product,) = found(catalogue_of({"title": "Sko", **row}), text)
    assert product.lacks == lacks


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"size": "8", "size_system": "UK"}, ("UK 8",)), ({"size": "42", "size_system": "EU"}, ("42",)),
        ({"size": "8, 9", "size_system": "US"}, ("US 8", "US 9")), ({"size": "42"}, ("42",)),
        ({"size": "UK 8", "size_system": "UK"}, ("UK 8",)),
    ],
)  # fmt: skip
def test_sizes_are_shown_with_their_system(row: dict[str, str], shown: tuple[str, ...]) -> None:
    (product,) = found(catalogue_of({"title": "Sko", **row}), "sko")
    assert product.sizes == shown


def test_article_numbers_are_exact_and_win_over_words() -> None:
    catalogue = catalogue_of(
        {"id": "A-1", "title": "Telt", "gtin": "7038010012345", "mpn": "TX 77/9"},
        {"id": "7038", "title": "Tarp"},
    )
    assert [p.title for p in found(catalogue, "telt 7038")] == ["Tarp"]
    assert [p.title for p in found(catalogue, "EAN 7038010012345?")] == ["Telt"]
    assert [p.title for p in found(catalogue, "tx77/9")] == ["Telt"]
    assert found(catalogue, "70380100") == []


def test_a_sale_price_is_the_price_unless_it_is_bound_to_dates() -> None:
    sale = {"title": "Telt", "price": "1000.00 NOK", "sale_price": "799.50 NOK"}
    assert found(catalogue_of(sale), "telt")[0].price == "799.50 NOK"
    assert (
        found(catalogue_of({**sale, "sale_price_effective_date": "x/y"}), "telt")[0].price
        == "1000 NOK"
    )


def test_rows_without_title_or_price_are_counted() -> None:
    catalogue = catalogue_of({"title": "Telt"}, {"title": ""}, {"title": "Lue", "price": ""}, {})
    assert (len(catalogue), catalogue.bad) == (1, 3)
    assert (len(Catalogue([])), found(Catalogue([]), "telt")) == (0, [])


def test_equal_products_keep_the_order_of_the_feed() -> None:
    rows = [{"id": str(n), "title": f"Telt {chr(65 + n)}x"} for n in range(30)]
    assert [p.article for p in found(catalogue_of(*rows), "telt")] == [str(n) for n in range(20)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from([ALIKE, SURE]))
def test_any_question_gets_an_answer(text: str, least: float) -> None:
    catalogue = catalogue_of(*JACKETS)
    assert catalogue.search(text, frozenset(), least) == catalogue.search(text, frozenset(), least)


def test_a_large_catalogue_is_searched_quickly() -> None:
    figures = measure(5000)
    assert figures["products"] == 5000
    assert figures["p99 ms"] < 50
