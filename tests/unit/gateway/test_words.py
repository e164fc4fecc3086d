"""One JSON file per language becomes the scripts that the chat fetches, and a new file a new language."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.contracts.content import LANGUAGES
from services.gateway.files import WidgetFiles
from services.gateway.words import PARTS, word_files

WIDGET = Path("services/gateway/widget")
WORDS = WIDGET / "words"
QUOTED = re.compile(r'(Write )?"([^"]+?)(?: …|:)?"')


def said(script: str) -> dict[str, str]:
    """The words in a script."""
    begin, end = "export default ", ";\n"
    assert script.startswith(begin)
    assert script.endswith(end)
    words: dict[str, str] = json.loads(script.removeprefix(begin).removesuffix(end))
    return words


def test_every_language_of_the_house_is_served_in_every_part() -> None:
    files = word_files(WORDS)
    assert set(said(files["i18n/names.js"])) == set(LANGUAGES)
    assert set(files) == {"i18n/names.js"} | {
        f"{folder}/{code}.js" for folder in PARTS.values() for code in LANGUAGES
    }
    assert said(files["i18n/nb.js"])["person"] == "Snakk med et menneske"
    assert "erase" in said(files["rights/words/fi.js"])


def test_the_sources_themselves_are_not_served() -> None:
    served = WidgetFiles(WIDGET).files
    assert [name for name in served if name.endswith(".json")] == ["loader.json"]


def test_a_new_file_is_a_new_language(tmp_path: Path) -> None:
    words = json.loads((WORDS / "nb.json").read_text("utf-8"))
    (tmp_path / "is.json").write_text(json.dumps({**words, "name": "Íslenska"}), "utf-8")
    files = word_files(tmp_path)
    assert said(files["i18n/names.js"]) == {"is": "Íslenska"}
    assert said(files["human/words/is.js"]) == words["human"]


@pytest.mark.parametrize("part", ["name", *PARTS])
def test_a_file_without_a_part_stops_the_start(tmp_path: Path, part: str) -> None:
    words = json.loads((WORDS / "nb.json").read_text("utf-8"))
    del words[part]
    (tmp_path / "is.json").write_text(json.dumps(words), "utf-8")
    with pytest.raises(KeyError, match=part):
        word_files(tmp_path)


def texts(words: object) -> Iterator[str]:
    """Every text of a language, whatever it lies in."""
    if isinstance(words, str):
        yield words
    elif isinstance(words, dict):
        for inner in words.values():
            yield from texts(inner)


def test_the_script_for_screen_readers_quotes_what_the_chat_says(project: Path) -> None:
    """What is quoted, but not to be written, is how a text of the chat begins."""
    page = (project / "docs/accessibility.md").read_text("utf-8")
    script = " ".join(page.partition("## By hand")[2].split())
    script = script.replace("Kari", "{name}").replace("number 1", "number {n}")
    quotes = [quote for written, quote in QUOTED.findall(script) if not written]
    said = tuple(texts(json.loads((WORDS / "en.json").read_text("utf-8"))))
    assert len(quotes) > 20
    assert [one for one in quotes if not any(text.startswith(one) for text in said)] == []
