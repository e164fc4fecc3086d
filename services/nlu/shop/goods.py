"""What a row of a feed says of a product: the words it is found by, its price, its sizes."""

import re
from collections.abc import Iterator

from services.nlu.reading.sizes import AREA, size
from services.nlu.shop.feedfile import Row
from services.nlu.shop.retail import is_thing
from services.nlu.shop.wanted import words_of

BESIDE_TITLE = {"product_type": 0.9, "custom_label_0": 0.9, "color": 0.8, "brand": 0.9}
"""Weights of words that stand beside the title, whose own words weigh 1."""

DESCRIBED, THING_DESCRIBED = 0.3, 0.55
"""Weights of a description's words; those that name a thing or what it is made of weigh more."""

MOST_DESCRIBED = 30
"""Words of a description that are looked at."""

_BETWEEN_SIZES = re.compile(
    r"\s*[/;|]\s*(?!\d+\s*cm\b)|\s*,\s+|(?<=\d\d),(?=\d\d\b)|(?<=[A-Z]),(?=[A-Z])"
)
_CUE = re.compile(r"^(?:STR|STL|SIZE) ", re.IGNORECASE)
_OTHER_SYSTEMS = ("UK ", "US ")
_ALL_SYSTEMS = ("EU ", *_OTHER_SYSTEMS)
_SPAN = re.compile(r"(\d\d)-(\d\d)(?!\d)(?! ?(?:cm|l\b))")
WIDEST_SPAN = 16
"""A longer stretch of numbers is no row of sizes."""


def weights(row: Row) -> dict[str, float]:
    """The words that a product is found by, and how much each of them counts."""
    found = {
        word: THING_DESCRIBED if is_thing(word) else DESCRIBED
        for word in words_of(row.get("description", ""))[:MOST_DESCRIBED]
    }
    for name, weight in reversed(BESIDE_TITLE.items()):
        found |= dict.fromkeys(words_of(row.get(name, "")), weight)
    return found | dict.fromkeys(words_of(row["title"]), 1.0)


def price(row: Row) -> str:
    """The price to pay; a sale that is bound to dates is left to the shop's own pages."""
    timed = "sale_price_effective_date" in row
    asked = row["price"] if timed else row.get("sale_price") or row["price"]
    return re.sub(r"[.,]00(?=\s|$)", "", asked)


def link(row: Row) -> str:
    """The product's page; nothing where the link leads elsewhere than to a page."""
    address = row.get("link", "")
    return address if address.startswith(("https://", "http://")) else ""


def sizes_of(field: str) -> list[str]:
    """A feed's sizes as it writes them: "XS/S/M", "38, 40", "150 x 210 cm"."""
    return [part.strip() for part in _BETWEEN_SIZES.split(field) if part.strip()]


def asked_as(part: str, system: str) -> Iterator[str]:
    """The forms in which visitors ask for a size: of "37-47" each one, of "2 x 140 x 250 cm" the area.

    Each also with the system that the feed names for the row, which is the European one where it
    names none: "42" and "EU 42" are one then. "UK 8" is found by those only who write it so.
    """
    area, span = AREA.search(part), _SPAN.match(part)
    plain = [size(area[1] if area else _CUE.sub("", part)).removeprefix("EU ")]
    if span and int(span[2]) - int(span[1]) <= WIDEST_SPAN:
        plain += [str(number) for number in range(int(span[1]), int(span[2]) + 1)]
    for one in plain:
        yield from (one, f"{system} {one}")


def system_of(row: Row) -> str:
    """The system of a row's sizes, as Google's `size_system` names it."""
    return row.get("size_system", "EU").upper()


def shown_sizes(row: Row) -> str:
    """A row's sizes as a visitor should see them: with their system where it is not our own."""
    field, system = row.get("size", ""), f"{system_of(row)} "
    if system not in _OTHER_SYSTEMS:
        return field
    parts = (size(part) for part in sizes_of(field))
    return ", ".join(one if one.startswith(_ALL_SYSTEMS) else system + one for one in parts)
