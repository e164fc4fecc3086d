"""The pages: one widget tag, a strict policy, each language, nothing inline."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import ValidationError

from deploy.demo.shop.pages import Markup, fill, price_words
from deploy.demo.shop.settings import ShopSettings
from services.nlu.content.packs import load_folder

MERCHANTS = Path(__file__).parents[5] / "deploy" / "demo" / "merchants"

PAGES = ("/", "/?lang=en", "/privacy", "/privacy?lang=en", "/size-guide", "/products/telt-vidde-2")


class Tags(HTMLParser):
    """Collects every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.mark.parametrize("path", PAGES)
async def test_exactly_one_widget_tag(fjellbekk: httpx.AsyncClient, path: str) -> None:
    scripts = Tags((await fjellbekk.get(path)).text).named("script")
    widget = [tag for tag in scripts if "data-merchant" in tag]
    assert widget == [
        {
            "src": "http://127.0.0.1:8090/widget/v1/loader.js",
            "data-merchant": "fjellbekk",
            "data-locale": "en" if "lang=en" in path else "nb",
            "data-colour": "#0d6168",
            "async": None,
        }
    ]


@pytest.mark.parametrize("path", [*PAGES, "/static/strip.js", "/theme.css", "/nothing"])
async def test_the_policy_is_on_every_answer(fjellbekk: httpx.AsyncClient, path: str) -> None:
    assert (await fjellbekk.get(path)).headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self' http://127.0.0.1:8090; style-src 'self'; "
        "connect-src 'self' http://127.0.0.1:8090 ws://127.0.0.1:8090 http://127.0.0.1:8093; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_inline_that_the_policy_would_refuse(
    fjellbekk: httpx.AsyncClient, path: str
) -> None:
    tags = Tags((await fjellbekk.get(path)).text)
    assert not tags.named("style")
    assert all(tag.get("src") for tag in tags.named("script"))
    handlers = [a for _, attributes in tags.found for a in attributes if a.startswith("on")]
    assert not handlers
    assert not [attributes for _, attributes in tags.found if "style" in attributes]


@pytest.mark.parametrize("path", PAGES)
async def test_every_own_file_that_a_page_names_exists(
    fjellbekk: httpx.AsyncClient, path: str
) -> None:
    tags = Tags((await fjellbekk.get(path)).text)
    names = [tag["src"] for tag in tags.named("script")] + [t["href"] for t in tags.named("link")]
    own = [name for name in names if name and name.startswith("/")]
    assert len(own) == 5
    assert {(await fjellbekk.get(name)).status_code for name in own} == {200}


@pytest.mark.parametrize("path", PAGES)
async def test_ids_occur_once_and_labels_point_to_them(
    fjellbekk: httpx.AsyncClient, path: str
) -> None:
    tags = Tags((await fjellbekk.get(path)).text)
    ids = [str(attributes["id"]) for _, attributes in tags.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in tags.found:
        for name in ("aria-labelledby", "aria-controls"):
            assert attributes.get(name) is None or attributes[name] in ids


async def test_the_front_page_shows_all_products_and_the_documented_orders(
    fjellbekk: httpx.AsyncClient,
) -> None:
    html = (await fjellbekk.get("/")).text
    assert html.count('class="tile"') == 24
    assert all(number in html for number in ("10482210", "10482217", "10482266", "99999999"))
    assert "http://127.0.0.1:8091" in html


@pytest.mark.parametrize(
    ("query", "lang", "words"),
    [
        ("", "nb", "Hvor er pakken min?"),
        ("?lang=en", "en", "Where is my parcel?"),
        ("?lang=sv", "nb", "Hvor er pakken min?"),
        ("?lang=%22%3E%3Cscript%3E", "nb", "Hvor er pakken min?"),
    ],
)
async def test_fjellbekk_speaks_norwegian_and_english(
    fjellbekk: httpx.AsyncClient, query: str, lang: str, words: str
) -> None:
    html = (await fjellbekk.get("/" + query)).text
    assert f'<html lang="{lang}">' in html
    assert words in html


async def test_havsro_speaks_swedish_first(havsro: httpx.AsyncClient) -> None:
    html = (await havsro.get("/")).text
    assert '<html lang="sv">' in html
    assert "Var är mitt paket?" in html


@pytest.mark.parametrize(("query", "shown"), [("Sekker", 3), ("Sko og staver", 3), ("<b>", 0)])
async def test_a_department_shows_its_own(
    fjellbekk: httpx.AsyncClient, query: str, shown: int
) -> None:
    html = (await fjellbekk.get("/", params={"department": query})).text
    assert html.count('class="tile"') == shown
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("lang", "words"),
    [("nb", ("behandlingsansvarlig", "slettes 90 dager")), ("en", ("controller", "90 days"))],
)
async def test_the_notice_names_controller_processor_and_period(
    fjellbekk: httpx.AsyncClient, lang: str, words: tuple[str, str]
) -> None:
    html = (await fjellbekk.get(f"/privacy?lang={lang}")).text
    named = ("Fjellbekk Friluft AS", "310 882 067", "Prat Demo Provider AS", *words)
    assert all(name in html for name in named)


@pytest.mark.parametrize("merchant", ["fjellbekk", "havsro"])
async def test_every_page_that_the_bot_sends_visitors_to_is_there(
    browse: Callable[[str], httpx.AsyncClient], merchant: str
) -> None:
    packs = load_folder(MERCHANTS / merchant, {}, datetime(2026, 11, 23, tzinfo=UTC))
    values = {value for fact in packs[0].merchant.facts.values() for value in fact.values()}
    paths = {urlsplit(value).path for value in values if value.startswith("http")}
    assert len(paths) >= 5
    shop = browse(merchant)
    answers = {path: (await shop.get(path)).status_code for path in paths}
    assert set(answers.values()) == {200}, answers


async def test_the_strip_panel_is_a_labelled_log_that_keys_reach(
    fjellbekk: httpx.AsyncClient,
) -> None:
    tags = Tags((await fjellbekk.get("/")).text)
    log = next(attributes for _, attributes in tags.found if attributes.get("role") == "log")
    assert (log["tabindex"], log["aria-labelledby"]) == ("0", "strip-title")
    panel = next(a for tag, a in tags.found if tag == "aside")
    assert panel["data-strip-url"] == "http://127.0.0.1:8093"


async def test_a_page_that_is_not_there(fjellbekk: httpx.AsyncClient) -> None:
    answer = await fjellbekk.get("/products/none", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "Siden finnes ikke" in answer.text


async def test_healthz(fjellbekk: httpx.AsyncClient) -> None:
    assert (await fjellbekk.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8090", "javascript:alert(1)", "http://", "http://a; script-src *", "ftp://a"],
)
def test_an_address_that_would_break_the_policy_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="gateway_url"):
        ShopSettings(gateway_url=url)


async def test_a_secure_gateway_gets_a_secure_socket(
    browse: Callable[..., httpx.AsyncClient],
) -> None:
    page = await browse("havsro", gateway_url="https://chat.prat.example").get("/")
    assert "wss://chat.prat.example" in page.headers["content-security-policy"]


def test_values_are_escaped_unless_they_are_our_markup() -> None:
    values = dict.fromkeys(re.findall(r"\$(\w+)", (TEMPLATES / "tile.html").read_text()), "<i>")
    html = fill("tile", values | {"title": Markup("<b>ours</b>")})
    assert "&lt;i&gt;" in html
    assert "<i>" not in html
    assert "<b>ours</b>" in html


TEMPLATES = Path(fill.__code__.co_filename).parent / "templates"


@pytest.mark.parametrize(
    ("price", "lang", "words"),
    [
        ("2499.00 NOK", "nb", "2\N{NO-BREAK SPACE}499\N{NO-BREAK SPACE}kr"),
        ("129.00 SEK", "sv", "129\N{NO-BREAK SPACE}kr"),
        ("2499.00 NOK", "en", "NOK 2,499"),
    ],
)
def test_prices_as_people_write_them(price: str, lang: str, words: str) -> None:
    assert price_words(price, lang) == words
