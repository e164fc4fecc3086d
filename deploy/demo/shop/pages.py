"""The shop's pages, filled from templates; every value is escaped unless it is our own markup."""

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from string import Template

from deploy.demo.shop.catalogue import (
    HERE,
    Notice,
    Product,
    Shop,
    load_help,
    load_notice,
    parse_feed,
    translated,
)
from deploy.demo.shop.orders import UNKNOWN_ORDER
from deploy.demo.shop.settings import ShopSettings

NO_BREAK = "\N{NO-BREAK SPACE}"


class Markup(str):
    """HTML that we built ourselves, and that therefore is not escaped again."""

    __slots__ = ()


@cache
def _template(name: str) -> Template:
    return Template((HERE / "templates" / f"{name}.html").read_text(encoding="utf-8"))


def fill(name: str, values: dict[str, str]) -> Markup:
    """The template `name` with `values`; a value that is missing is an error."""
    safe = {
        key: value if isinstance(value, Markup) else escape(value) for key, value in values.items()
    }
    return Markup(_template(name).substitute(safe))


def joined(parts: Iterable[Markup]) -> Markup:
    """Pieces of markup as one."""
    return Markup("\n".join(parts))


def price_words(price: str, language: str) -> str:
    """`2499.00 NOK` as people write it: `2 499 kr`, in English `NOK 2,499`."""
    amount, currency = price.split()
    whole = f"{float(amount):,.0f}"
    if language == "en":
        return f"{currency} {whole}"
    return whole.replace(",", NO_BREAK) + f"{NO_BREAK}kr"


def theme(shop: Shop) -> str:
    """The shop's colours as a style sheet, for light and dark."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in shop.colours[scheme].items())
        for scheme in ("light", "dark")
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


class Pages:
    """Builds the pages of one shop in each of its languages."""

    def __init__(self, shop: Shop, settings: ShopSettings, feed_text: str) -> None:
        self._shop = shop
        self._settings = settings
        own = parse_feed(feed_text)
        self._products = {lang: translated(own, shop, lang) for lang in shop.languages}
        self._notices = {lang: load_notice(shop.merchant, lang) for lang in shop.languages}
        self._help = {lang: load_help(shop.merchant, lang) for lang in shop.languages}
        self._sprite = self._drawing("pictures")
        self._hero = self._drawing("hero")

    def language(self, asked: str | None) -> str:
        """The language of the page: the one asked for if the shop has it, else the shop's own."""
        return asked if asked in self._shop.languages else self._shop.own_language

    def home(self, lang: str, department: str | None = None) -> str:
        """The front page; with `department`, only the products of that one."""
        shown = [p for p in self._products[lang] if department in (None, p.category)]
        main = fill(
            "home",
            self._texts(lang)
            | {
                "hero": self._hero,
                "console": self._settings.console_url,
                "orders": self._order_rows(lang),
                "products": joined(self._tile(product, lang) for product in shown),
            },
        )
        return self._page(lang, "/", self._shop.texts[lang]["tagline"], main, department)

    def product(self, lang: str, slug: str) -> str | None:
        """A product's page, or None when there is no such product."""
        for product in self._products[lang]:
            if product.slug == slug:
                main = fill("product", self._product_values(product, lang))
                return self._page(lang, f"/products/{slug}", product.title, main)
        return None

    def privacy(self, lang: str) -> str:
        """The merchant's privacy notice."""
        notice = self._notices[lang]
        return self._page(lang, "/privacy", notice.title, _notice_markup(notice))

    def help(self, lang: str, name: str) -> str | None:
        """A page of help (size guide, account, ...), or None when there is no such page."""
        page = self._help[lang].get(name)
        return self._page(lang, f"/{name}", page.title, _notice_markup(page)) if page else None

    def not_found(self, lang: str) -> str:
        """The page for an address that leads nowhere."""
        texts = self._shop.texts[lang]
        main = Markup(
            f'<article class="plain"><h1>{escape(texts["not_found_title"])}</h1>'
            f"<p>{escape(texts['not_found_text'])}</p></article>"
        )
        return self._page(lang, "/", texts["not_found_title"], main)

    def _page(
        self, lang: str, path: str, title: str, main: Markup, department: str | None = None
    ) -> str:
        texts = self._texts(lang)
        return fill(
            "layout",
            texts
            | {
                "title": f"{title} · {self._shop.short_name}",
                "sprite": self._sprite,
                "strip": fill("strip", texts | {"strip_url": self._settings.strip_url}),
                "departments": self._departments(lang, department),
                "languages": self._languages(lang, path),
                "main": main,
                "gateway": self._settings.gateway_url,
                # Known to the page already: the chat's button may ask nobody before the first click.
                "chat_colour": self._shop.colours["light"]["brand"],
            },
        )

    def _texts(self, lang: str) -> dict[str, str]:
        shop = self._shop
        identity = shop.model_dump(
            include={"merchant", "name", "short_name", "organisation_number", "address", "email"}
        )
        return shop.texts[lang] | identity | {"lang": lang}

    def _drawing(self, name: str) -> Markup:
        path = HERE / "data" / self._shop.merchant / f"{name}.svg"
        return Markup(re.sub(r"\n\s*", "", path.read_text(encoding="utf-8")))

    def _departments(self, lang: str, current: str | None) -> Markup:
        first = _link(
            f"/?lang={lang}#products", self._shop.texts[lang]["all_products"], _current(not current)
        )
        others = (
            _link(f"/?lang={lang}&department={name}#products", name, _current(name == current))
            for name in self._shop.categories[lang]
        )
        return joined((first, *others))

    def _languages(self, lang: str, path: str) -> Markup:
        return joined(
            _link(
                f"{path}?lang={other}",
                self._shop.texts[other]["language_name"],
                f' lang="{other}" hreflang="{other}"' + _current(other == lang),
            )
            for other in self._shop.languages
        )

    def _order_rows(self, lang: str) -> Markup:
        texts = self._shop.texts[lang]
        rows = [(n, texts[f"status_{s}"]) for n, s in self._shop.fixed_orders.items()]
        rows.append((UNKNOWN_ORDER, texts["status_unknown"]))
        return joined(
            Markup(f"<tr><td><code>{n}</code></td><td>{escape(words)}</td></tr>")
            for n, words in rows
        )

    def _tile(self, product: Product, lang: str) -> Markup:
        return fill("tile", self._product_values(product, lang))

    def _product_values(self, product: Product, lang: str) -> dict[str, str]:
        texts = self._shop.texts[lang]
        return vars(product) | {
            "lang": lang,
            "slug": product.slug,
            "price": price_words(product.price, lang),
            "stock": texts[product.availability],
            "back": texts["back"],
            "ask_about": texts["ask_about"],
            "label_color": texts["colour"],
            "label_size": texts["size"],
            "label_id": texts["product_number"],
        }


def _current(yes: bool) -> str:
    return ' aria-current="true"' if yes else ""


def _link(href: str, label: str, more: str) -> Markup:
    return Markup(f'<a href="{escape(href)}"{more}>{escape(label)}</a>')


def _notice_markup(notice: Notice) -> Markup:
    parts = [f"<h1>{escape(notice.title)}</h1>", f"<p>{escape(notice.intro)}</p>"]
    for section in notice.sections:
        parts.append(f"<h2>{escape(section.heading)}</h2>")
        parts += [f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs]
    return Markup(f'<article class="plain">{"".join(parts)}</article>')
