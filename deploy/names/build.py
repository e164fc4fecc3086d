"""Writes libs/privacy/data/names.marisa: what masking knows of names, towns and everyday words.

`uv run --group names python -m deploy.names.build`; the sentence encoder's pieces, which `prat init`
makes, tell which names are words of some language, too.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import marisa_trie
import numpy as np

from deploy.names import sources
from libs.privacy.lexicon import FAMILY, FILE, GIVEN, HERE, SURE, TOWN, WORD, key
from services.nlu.understanding.tokenizing import PIECES, SCORES, SPACE

AMBIGUOUS = Path(__file__).with_name("ambiguous.txt")
TOWNS = Path(__file__).with_name("towns.txt")
CONTENT = Path("services/nlu/packs")
ENCODER = Path(".prat/encoder")

PART = re.compile(r"[^\W\d_]+")
COMMON = -13.3
"""A piece of at least this score is a word that many write."""

SHORT = 3
"""Names of so few letters are words somewhere; only popular ones are sure."""


def main() -> None:
    """Builds the file and says what is in it."""
    flags = _flags()
    FILE.parent.mkdir(exist_ok=True)
    marisa_trie.RecordTrie("<B", [(name, (flag,)) for name, flag in sorted(flags.items())]).save(
        str(FILE)
    )
    kinds = {"given": GIVEN, "sure": SURE, "family": FAMILY, "towns": TOWN, "words": WORD}
    told = ", ".join(
        f"{name} {sum(bool(f & k) for f in flags.values()):,}" for name, k in kinds.items()
    )
    sys.stdout.write(f"{FILE}: {len(flags):,} entries ({told}), {FILE.stat().st_size:,} bytes\n")


def _flags() -> dict[str, int]:
    flags: dict[str, int] = defaultdict(int)
    popular = set(_parts(sources.given("popular")))
    written = _written()
    everyday = set(_parts(sources.words())) | set(_parts(_content()))
    ambiguous = set(_parts(_lines(AMBIGUOUS)))
    _mark(flags, _parts(sources.given()), GIVEN)
    _mark(flags, popular, GIVEN | SURE)
    _mark(flags, _parts(sources.family()), FAMILY)
    _mark(flags, _parts(sources.given("here")), HERE)
    _mark(flags, _parts(sources.family("here")), HERE)
    words = ambiguous | (everyday - popular)
    words |= {name for name in flags if name in written and name not in popular}
    _mark(flags, words, WORD)
    _mark(flags, (n for n in list(flags) if flags[n] & GIVEN and _is_sure(n, flags[n])), SURE)
    _mark(flags, _wholes(sources.towns()), TOWN)
    _mark(flags, _parts(_lines(TOWNS)), TOWN)
    return flags


def _is_sure(name: str, flag: int) -> bool:
    """A given name that is a word nowhere, and long enough not to be one by chance."""
    return not flag & WORD and len(name) > SHORT


def _written() -> set[str]:
    """Words that people write in small letters, in any language."""
    pieces = marisa_trie.Trie()
    pieces.load(str(ENCODER / PIECES))
    with np.load(ENCODER / SCORES) as table:
        scores = table["scores"]
    return {
        piece[1:]
        for piece, number in pieces.items()
        if piece.startswith(SPACE) and piece[1:].islower() and scores[number] >= COMMON
    }


def _content() -> Iterator[str]:
    """The words of the bot's own content, which no visitor wrote."""
    for path in sorted(CONTENT.rglob("*.yaml")):
        yield path.read_text("utf-8")


def _lines(path: Path) -> Iterator[str]:
    lines = path.read_text("utf-8").splitlines()
    yield from (line for line in lines if not line.startswith("#"))


def _parts(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (key(part) for part in PART.findall(text))


def _wholes(texts: Iterable[str]) -> Iterator[str]:
    yield from (key(text) for text in texts if PART.fullmatch(text))


def _mark(flags: dict[str, int], names: Iterable[str], flag: int) -> None:
    for name in names:
        if len(name) > 1:
            flags[name] |= flag


if __name__ == "__main__":
    main()
