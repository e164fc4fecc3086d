"""What the dialogue itself says, and the short words that steer it: data of every language, no rules."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from libs.contracts.content import LANGUAGES, ByLanguage, Language
from services.nlu.content.yamlfile import YamlFile

PHRASES = Path(__file__).parent / "phrases.yaml"

Phrase = Literal[
    "clarify", "something_else", "otherwise", "resume", "cancelled", "nothing_to_cancel", "refused",
    "one_number", "not_quite", "sizes", "no_fact", "closed", "back",
]  # fmt: skip
Word = Literal[
    "lacking", "cancel", "agree", "refuse", "neither", "first", "second", "third", "last",
]  # fmt: skip
Within = Literal["unknown", "other_order", "meant", "instead"]

FEW_WORDS = 12
"""In a longer message a turn of phrase such as "I don't know" is not what it is about."""

_UNACCENTED = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o"})
_APOSTROPHES = re.compile(r"['\u2019`\u00b4]")
_WORDS = re.compile(r"\w+")


class Phrases(BaseModel):
    """The file as it must be: every text and every list of words in all five languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: dict[Phrase, ByLanguage]
    words: dict[Word, dict[Language, tuple[str, ...]]]
    within: dict[Within, dict[Language, tuple[str, ...]]]
    beside: dict[Language, tuple[str, ...]]
    fillers: tuple[str, ...]

    @model_validator(mode="after")
    def _whole(self) -> "Phrases":
        for name, by_language in self._parts():
            missing = [language for language in LANGUAGES if not by_language.get(language)]
            if missing:
                raise ValueError(f"`{name}` has nothing in {', '.join(missing)}: write it.")
        return self

    def _parts(self) -> Iterator[tuple[str, dict[Language, str] | dict[Language, tuple[str, ...]]]]:
        yield from self.texts.items()
        yield from self.words.items()
        yield from self.within.items()
        yield "beside", self.beside


def text_of(phrase: Phrase) -> ByLanguage:
    """One of the dialogue's own sentences, in every language."""
    return _phrases().texts[phrase]


def word_of(text: str) -> Word | None:
    """What a whole message says if it is nothing but one of the steering words."""
    return _words().get(_plain_tokens(text))


def says(text: str, what: Within) -> bool:
    """Whether a short message has a turn of phrase anywhere in it."""
    tokens = tokens_of(text)
    if len(tokens) > FEW_WORDS:
        return False
    line = f" {' '.join(tokens)} "
    return any(f" {phrase} " in line for phrase in _within(what))


def telling_words(text: str) -> tuple[str, ...]:
    """The words of a message that say more than "here is my order number"."""
    words = (token for token in tokens_of(text) if token.isalpha())
    return tuple(word for word in words if word not in _beside())


def tokens_of(text: str) -> tuple[str, ...]:
    """The words of a text in one form: no case, no accents, no signs."""
    normal = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold()
    return tuple(_WORDS.findall(normal.translate(_UNACCENTED)))


@cache
def _phrases() -> Phrases:
    return YamlFile(PHRASES).model(Phrases)


@cache
def _words() -> dict[tuple[str, ...], Word]:
    return {
        _plain_tokens(phrase): word
        for word, by_language in _phrases().words.items()
        for phrases in by_language.values()
        for phrase in phrases
    }


@cache
def _within(what: Within) -> tuple[str, ...]:
    by_language = _phrases().within[what]
    return tuple(" ".join(tokens_of(one)) for phrases in by_language.values() for one in phrases)


@cache
def _beside() -> frozenset[str]:
    words = (word for words in _phrases().beside.values() for word in words)
    return frozenset(token for word in words for token in tokens_of(word)) | _fillers()


@cache
def _fillers() -> frozenset[str]:
    return frozenset(token for word in _phrases().fillers for token in tokens_of(word))


def _plain_tokens(text: str) -> tuple[str, ...]:
    """The words that say something; all of them where only fillers stand."""
    tokens = tokens_of(text[: 8 * FEW_WORDS])
    telling = tuple(token for token in tokens if token not in _fillers())
    return telling or tokens
