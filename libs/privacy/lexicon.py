"""What is known of a word: a given name, a surname, a town, an everyday word, or several of these.

The list is made by `deploy.names.build`, and read from its file when the first message is masked.
"""

from functools import cache
from pathlib import Path

import marisa_trie

FILE = Path(__file__).with_name("data") / "names.marisa"

SURE, GIVEN, FAMILY, WORD, TOWN, HERE = 1, 2, 4, 8, 16, 32
"""A given name that needs nothing beside it; any given name; a surname; an everyday word; a town;
a name that is usual in the shops' five countries."""

NAME = GIVEN | FAMILY


def key(word: str) -> str:
    """How a word stands in the list."""
    return word.casefold()


def known(word: str) -> int:
    """What the list says of a word: the sum of its flags, 0 for a word that it does not have."""
    found = _list().get(key(word))
    return found[0][0] if found else 0


@cache
def _list() -> "marisa_trie.RecordTrie":
    names = marisa_trie.RecordTrie("<B")
    names.mmap(str(FILE))
    return names
