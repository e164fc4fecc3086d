"""The widget's files leave the house small, cacheable and readable by any page; nothing else leaves."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from services.gateway.files import RELEASES, WidgetFile, WidgetFiles, slim, widget_files

LOADER_LIMIT = 3000
PANEL_LIMIT = 25_000
PEOPLE_LIMIT = 10_200
RIGHTS_LIMIT = 6_500
FILES_LIMIT = 6_400


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Mount("/widget/v1", WidgetFiles())])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as made:
        yield made


def test_the_loader_is_small() -> None:
    assert len(WidgetFiles().files["loader.js"].packed) <= LOADER_LIMIT


def test_everything_a_first_click_loads_is_small() -> None:
    files = WidgetFiles().files
    modules = sum(
        len(f.packed) for name, f in files.items() if "/" not in name and name[-3:] == ".js"
    )
    language = max(len(file.packed) for name, file in files.items() if name.startswith("i18n/"))
    assert modules - len(files["loader.js"].packed) + language <= PANEL_LIMIT


def test_what_people_in_the_conversation_load_is_small() -> None:
    files = WidgetFiles().files
    sizes = {name: len(file.packed) for name, file in files.items() if name.startswith("human/")}
    words = {name: size for name, size in sizes.items() if name.startswith("human/words/")}
    assert sum(sizes.values()) - sum(words.values()) + max(words.values()) <= PEOPLE_LIMIT


def test_what_a_deletion_loads_is_small() -> None:
    files = WidgetFiles().files
    sizes = {name: len(file.packed) for name, file in files.items() if name.startswith("rights/")}
    assert 0 < sum(sizes.values()) <= RIGHTS_LIMIT


def test_what_files_for_people_load_is_small() -> None:
    files = WidgetFiles().files
    sizes = {name: len(file.packed) for name, file in files.items() if name.startswith("files/")}
    words = {name: size for name, size in sizes.items() if name.startswith("files/words/")}
    assert 0 < sum(sizes.values()) - sum(words.values()) + max(words.values()) <= FILES_LIMIT


def test_slim_drops_comments_and_indentation_and_keeps_code() -> None:
    source = (
        '/** Why. */\n\nconst a = "/* stays */";\n  /* two\n     lines */\n  b(a); /* beside */\n'
    )
    assert slim(source) == 'const a = "/* stays */";\nb(a); /* beside */\n'


async def test_a_script_is_sent_compressed_to_any_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/widget/v1/i18n/nb.js", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Snakk med et menneske" in answer.text


async def test_a_client_without_gzip_gets_the_plain_file(client: httpx.AsyncClient) -> None:
    answer = await client.get("/widget/v1/loader.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    file = WidgetFiles().files["loader.js"]
    assert answer.content == file.plain == gzip.decompress(file.packed)


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/widget/v1/panel.js")).headers["etag"]
    again = await client.get("/widget/v1/panel.js", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["", "nothing.js", "../routes.py", "..%2froutes.py", "i18n", "i18n/", "%2e%2e/app.py"]
)
async def test_nothing_else_leaves(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/widget/v1/{path}")).status_code == 404


async def test_files_cannot_be_written(client: httpx.AsyncClient) -> None:
    assert (await client.put("/widget/v1/panel.js")).status_code == 404


async def test_a_loader_by_its_hash_is_kept_for_ever_and_by_its_name_for_minutes(
    client: httpx.AsyncClient,
) -> None:
    file = widget_files()["loader.js"]
    by_name = await client.get("/widget/v1/loader.js")
    by_hash = await client.get(f"/widget/v1/{file.version}/loader.js")
    assert by_name.content == by_hash.content
    assert by_name.headers["cache-control"] == "public, max-age=300"
    assert by_hash.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await client.get(f"/widget/v1/{'0' * 16}/loader.js")).status_code == 404


def test_loaders_that_were_released_are_where_pinned_tags_have_them() -> None:
    files = WidgetFiles().files
    released = list(RELEASES.glob("*.js"))
    assert released
    for path in released:
        assert files[f"{path.stem}/loader.js"].plain == path.read_bytes()


def test_a_released_loader_goes_on_loading(tmp_path: Path) -> None:
    (tmp_path / "1.js").write_text("old()")
    old = WidgetFile.of("old()")
    files = widget_files(releases=tmp_path)
    assert files[f"{old.version}/loader.js"].plain == b"old()"
    assert files[f"{files['loader.js'].version}/loader.js"].plain == files["loader.js"].plain


async def test_the_types_are_served_as_they_are_written(client: httpx.AsyncClient) -> None:
    answer = await client.get("/widget/v1/prat.d.ts")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == Path("services/gateway/widget/prat.d.ts").read_text()
