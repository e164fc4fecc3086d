"""What a shop shows: its identity and texts (YAML) and its products (a Google Merchant feed)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from pydantic import BaseModel
from ruamel.yaml import YAML

HERE = Path(__file__).parent
GOOGLE = "{http://base.google.com/ns/1.0}"
MERCHANTS = tuple(sorted(path.parent.name for path in HERE.glob("data/*/shop.yaml")))


class OrderBookPlan(BaseModel):
    """How the invented order book is generated: first number, seed, carriers and their country."""

    first: int
    seed: int
    carriers: list[str]
    country: str


class Notice(BaseModel):
    """The merchant's privacy notice in one language."""

    class Section(BaseModel):
        """One heading with its paragraphs."""

        heading: str
        paragraphs: list[str]

    title: str
    intro: str
    sections: list[Section]


class Customer(BaseModel):
    """The shop's invented customer, as whom one may log in."""

    number: str
    name: str
    email: str


class Shop(BaseModel):
    """A merchant's identity, colours and texts; `languages` begins with the shop's own."""

    merchant: str
    name: str
    short_name: str
    currency: str
    languages: list[str]
    organisation_number: str
    address: str
    email: str
    authority: str
    customer: Customer
    order_book: OrderBookPlan
    pickup_points: list[str]
    fixed_orders: dict[str, str]
    colours: dict[str, dict[str, str]]
    categories: dict[str, list[str]]
    texts: dict[str, dict[str, str]]

    @property
    def own_language(self) -> str:
        """The language of the feed, and of the page when nothing else is asked for."""
        return self.languages[0]


@dataclass(frozen=True)
class Product:
    """One item of the feed; `picture` and `tint` choose the drawing."""

    id: str
    title: str
    description: str
    link: str
    price: str
    availability: str
    brand: str
    color: str
    size: str
    category: str
    picture: str
    tint: str

    @property
    def slug(self) -> str:
        """The last part of the product's address."""
        return self.link.rsplit("/", 1)[-1]


def load_yaml(path: Path) -> Any:
    """The content of a YAML file of ours."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def load_shop(merchant: str) -> Shop:
    """The merchant's `shop.yaml`, with the texts that both shops share merged in per language."""
    shop = Shop.model_validate(load_yaml(HERE / "data" / merchant / "shop.yaml"))
    texts = {
        lang: load_yaml(HERE / "texts" / f"{lang}.yaml") | shop.texts[lang]
        for lang in shop.languages
    }
    return shop.model_copy(update={"texts": texts})


def load_notice(merchant: str, language: str) -> Notice:
    """The merchant's privacy notice in `language`."""
    return Notice.model_validate(load_yaml(HERE / "data" / merchant / f"privacy.{language}.yaml"))


def load_help(merchant: str, language: str) -> dict[str, Notice]:
    """The merchant's pages of help in `language`, by the last part of their address."""
    pages = load_yaml(HERE / "data" / merchant / f"help.{language}.yaml")
    return {name: Notice.model_validate(page) for name, page in pages.items()}


def feed(merchant: str, shop_url: str | None) -> str:
    """The feed as published; its links lead to `shop_url` when the shop knows its own address."""
    text = (HERE / "data" / merchant / "products.xml").read_text(encoding="utf-8")
    return text.replace(f"https://{merchant}.example", shop_url) if shop_url else text


def parse_feed(text: str) -> list[Product]:
    """The products of a feed, in its order."""
    return [_product(item) for item in fromstring(text).iter("item")]


def _product(item: Element) -> Product:
    def own(name: str) -> str:
        return (item.findtext(name) or "").strip()

    def google(name: str) -> str:
        return own(GOOGLE + name)

    return Product(
        id=google("id"),
        title=own("title"),
        description=own("description"),
        link=own("link"),
        price=google("price"),
        availability=google("availability"),
        brand=google("brand"),
        color=google("color"),
        size=google("size"),
        category=google("product_type"),
        picture=google("custom_label_0"),
        tint=google("custom_label_1"),
    )


def translated(products: list[Product], shop: Shop, language: str) -> list[Product]:
    """The products with their texts in `language`; the feed's own texts in the shop's language."""
    if language == shop.own_language:
        return products
    texts: Mapping[str, dict[str, str]] = load_yaml(
        HERE / "data" / shop.merchant / f"products.{language}.yaml"
    )
    names = dict(zip(shop.categories[shop.own_language], shop.categories[language], strict=True))
    return [
        replace(product, category=names[product.category], **texts[product.id])
        for product in products
    ]
