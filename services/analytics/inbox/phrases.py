"""Masked phrases as pieces: words that may be shown, and tokens for what was taken out. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

RARE = "RARE"
"""Stands for a word that too few conversations use: it might be a name that no list has."""

PIECE = re.compile(r"<([A-Z_]{2,20})>|([^\W_]+)|((?:(?!<[A-Z_]{2,20}>)[\W_])+)")
FEWEST_LETTERS = 2


@dataclass(frozen=True)
class Phrase:
    """A question as it is kept; `conversation` is a keyed hash, good for telling two apart."""

    id: str
    conversation: str
    text: str
    language: str
    guess: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a phrase: text, or a token with the kind of what stood there."""

    text: str = ""
    token: str = ""


def words_of(text: str) -> list[str]:
    """The words that were left, small."""
    return [word.casefold() for _token, word, _rest in PIECE.findall(text) if word]


def says_something(text: str) -> bool:
    """Whether a word is left that is more than a letter or a number."""
    return any(len(word) >= FEWEST_LETTERS and not word.isdigit() for word in words_of(text))


def common_words(phrases: Iterable[Phrase], k: int) -> frozenset[str]:
    """The words that at least `k` conversations use."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for phrase in phrases:
        for word in words_of(phrase.text):
            users[word].add(phrase.conversation)
    return frozenset(word for word, who in users.items() if len(who) >= k)


def pieces_of(text: str, shown: Collection[str]) -> tuple[Piece, ...]:
    """The pieces of a masked text; words that are not among `shown` become tokens, too."""
    return tuple(_joined([*_pieces(text, shown)]))


def _pieces(text: str, shown: Collection[str]) -> Iterator[Piece]:
    for token, word, rest in PIECE.findall(text):
        if token or (word and word.casefold() not in shown):
            yield Piece(token=token or RARE)
        else:
            yield Piece(text=word or rest)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    text = ""
    for piece in pieces:
        if not piece.token:
            text += piece.text
            continue
        if text:
            yield Piece(text=text)
        text = ""
        yield piece
    if text:
        yield Piece(text=text)
