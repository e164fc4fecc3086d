"""The chat's words: one JSON file per language, served in parts that are fetched when they are wanted."""

import json
from pathlib import Path

PARTS = {"chat": "i18n", "human": "human/words", "rights": "rights/words", "files": "files/words"}
"""The parts of a language's file, and the folder below /widget/v1/ that each is served in."""


def word_files(directory: Path) -> dict[str, str]:
    """The scripts that the files in `directory` make, by name; `i18n/names.js` says what there is."""
    languages = {path.stem: json.loads(path.read_text("utf-8")) for path in _sources(directory)}
    parts = {
        f"{folder}/{code}.js": _script(words[part])
        for code, words in languages.items()
        for part, folder in PARTS.items()
    }
    names = {code: words["name"] for code, words in languages.items()}
    return {"i18n/names.js": _script(names), **parts}


def _sources(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.json"))


def _script(words: object) -> str:
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return f"export default {text};\n"
