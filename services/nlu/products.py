"""Products of a feed in Google Merchant RSS 2.0, found by the letters of what is asked for. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from libs.contracts.content import PackPublished
from services.nlu.dialogue import Product
from services.nlu.understanding import folded

GOOGLE = "{http://base.google.com/ns/1.0}"
BESIDE_TITLE = {"product_type": 0.9, "custom_label_0": 0.9, "color": 0.8, "brand": 0.7}
"""Weights of words that stand beside the title, whose own words weigh 1."""

GRAM = 3
ALIKE = 0.4
"""A word of the question and one of a product belong together from this share of letter groups."""

SURE = 0.85
"""The share that a mere guess needs: the visitor may not have asked for a product at all."""

LEAST_SHARED = 2
"""One common letter group is chance: "barn" is not "bark"."""

NEAR_BEST = 0.95
"""Products that fit much less well than the best one are not shown beside it."""

COMMON = 2
"""A word in so many examples of other topics says nothing about the product asked for."""


@dataclass(frozen=True)
class Item:
    """A product with the words that it is found by, and what each weighs."""

    product: Product
    words: tuple[tuple[str, float], ...]


def parse(feed: bytes) -> tuple[Item, ...]:
    """The products of a feed; items without title or price are left out."""
    items = (_item(element) for element in fromstring(feed).iter("item"))
    return tuple(item for item in items if item.product.title and item.product.price)


def best(
    items: Iterable[Item], text: str, common: frozenset[str], least: float
) -> tuple[Product, ...]:
    """The products that words of `text` are like, the likest first, those in stock before others."""
    asked = [word for word in words_of(text) if word not in common]
    scored = [(_score(item, asked, least), item.product) for item in items]
    top = max((score for score, _ in scored), default=0.0)
    fitting = [pair for pair in scored if pair[0] > 0 and pair[0] >= top * NEAR_BEST]
    fitting.sort(key=lambda pair: (-pair[0], not pair[1].in_stock))
    return tuple(product for _, product in fitting)


def words_of(text: str) -> list[str]:
    """The words of a text that products are looked for by: three letters or more, without accents."""
    letters = "".join(char if char.isalpha() else " " for char in folded(text))
    return [word for word in letters.split() if len(word) >= GRAM]


def common_words(pack: PackPublished) -> frozenset[str]:
    """Words that questions about other things share in some language: "do", "have", "you"."""
    counts = Counter(
        (language, word)
        for topic in pack.topics
        if topic.action != "product_search"
        for language, texts in topic.examples.items()
        for text in texts
        for word in {*words_of(text)}
    )
    return frozenset(word for (_, word), count in counts.items() if count >= COMMON)


def _score(item: Item, asked: list[str], least: float) -> float:
    likes = (
        max((_weighed(alike(word, own), weight) for own, weight in item.words), default=0.0)
        for word in asked
    )
    return sum(like for like in likes if like >= least)


def _weighed(likeness: float, weight: float) -> float:
    """Words beside the title count only where they fit: a "stove" is no "støvel"."""
    return likeness * weight if weight == 1 or likeness >= SURE else 0.0


def alike(asked: str, own: str) -> float:
    """How much of the shorter word's letter groups the other one has, so that compounds match."""
    if asked == own:
        return 1.0
    shared = len(_grams(asked) & _grams(own))
    if shared < LEAST_SHARED:
        return 0.0
    return shared / min(len(_grams(asked)), len(_grams(own)))


def _grams(word: str) -> set[str]:
    return {word[start : start + GRAM] for start in range(len(word) - GRAM + 1)}


def _item(element: Element) -> Item:
    title, link = _text(element, "title"), _text(element, "link")
    product = Product(
        title=title,
        price=_text(element, f"{GOOGLE}price").replace(".00 ", " "),
        in_stock=_text(element, f"{GOOGLE}availability").replace(" ", "_") == "in_stock",
        link=link if link.startswith(("https://", "http://")) else None,
    )
    weights = {
        word: weight
        for name, weight in reversed(BESIDE_TITLE.items())
        for word in words_of(_text(element, GOOGLE + name))
    } | dict.fromkeys(words_of(title), 1.0)
    return Item(product, tuple(weights.items()))


def _text(element: Element, name: str) -> str:
    return " ".join((element.findtext(name) or "").split())
