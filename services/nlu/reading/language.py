"""Which language a message is in: letters, known words, and what the conversation speaks."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any

import eldc
from ruamel.yaml import YAML

from libs.contracts.content import LANGUAGES, Language
from services.nlu.reading.spoken import Spoken
from services.nlu.reading.wordcounts import read, words_in

_CODES: dict[str, Language] = {"no": "nb", "sv": "sv", "da": "da", "fi": "fi", "en": "en"}
_LISTS = Path(__file__).with_name("language_words.yaml")

PRIOR = 2.5
"""How much the conversation's language weighs, in log-odds: a clear sentence in another one wins."""

ONE_WORD_PRIOR = 4.5
"""A single word is often shared between neighbours: "ordre", "retur", "visa"."""

LEANING = 0.5
"""The part of that weight that a message must outweigh to lean to another language."""

SHORTEST = 4
"""Texts with fewer letters say nothing about their language."""

UNSEEN = 0.02
"""The detector's score of a language that it did not mention at all."""

LETTERS, COUNTED, LISTED = 4.0, 0.6, 0.65
"""Weights of the three witnesses: the detector, the pack's own words, the list of small words."""

MOST_OF_ONE_WORD = 2.0
"""One word says no more than this, however often the examples use it: it may be a loan."""

MOST_STRANGE = 6.0
"""More than this is not made of listed words alone: a long list of them is still one opinion."""

SMOOTHING = 1.0

WORDS_KEPT = 4096
"""Words of the examples whose languages are remembered."""

USUAL = 2
"""A word that stands in so many examples of a language belongs to it."""

LONGEST = 400
"""Characters of a message that its language is read from."""

_SIGNS: tuple[tuple[re.Pattern[str], frozenset[Language]], ...] = (
    (re.compile("[æø]"), frozenset({"nb", "da"})),
    (re.compile("[äö]"), frozenset({"sv", "fi"})),
    (re.compile("å"), frozenset({"nb", "sv", "da"})),
    (re.compile("^hv"), frozenset({"nb", "da"})),
    (re.compile("sjon(?:en|er|ene)?$"), frozenset({"nb"})),
    (re.compile("tion(?:en|er|erna)?$"), frozenset({"sv", "da", "en"})),
    (re.compile("erne$"), frozenset({"da"})),
    (re.compile("(?:kk|tt|pp|ll|nn|mm)$"), frozenset({"nb", "sv", "en"})),
)
"""Spellings and the languages that have them."""

Scores = dict[Language, float]


class LanguageDetector:
    """Tells nb, sv, da, fi and en apart; same text and prior, same answer."""

    def __init__(self) -> None:
        eldc.init()
        self._detector: Any = eldc.instance()
        self._detector.set_languages(list(_CODES))
        self._detector.set_scores(len(_CODES))
        self._words = _Words()

    def language(self, text: str, prior: Language, among: Iterable[Language]) -> Language:
        """The language of `text` among those given; `prior` where it cannot be told."""
        return self.spoken(text, Spoken(prior), among).language

    def spoken(self, text: str, before: Spoken, among: Iterable[Language]) -> Spoken:
        """What a conversation speaks with `text`; as before where its language cannot be told.

        A clear message in another language changes it, and so does the second one in a row that
        leans there. Which other one it is, the page's language helps to say: neighbours look alike.
        """
        words = [word for word in words_in(text[:LONGEST]) if not self._words.is_loan(word)]
        if sum(map(len, words)) < SHORTEST:
            return before
        if self._words.all_of(words, before.language):
            return replace(before, leaning=None)
        guess = _Guess(words, self._odds(words), before, {*among, before.language})
        seems = self._winner(guess, LEANING)
        language = seems if seems == before.leaning else self._winner(guess, 1.0)
        return replace(before, language=language, leaning=seems if seems != language else None)

    def _winner(self, guess: "_Guess", share: float) -> Language:
        """The likeliest language when the conversation's own one has this share of its weight."""
        page, own = guess.before.page, guess.before.language
        best = guess.best(own, share)
        if page is None or own in (best, page):
            return best
        return page if self._words.all_of(guess.words, page) else guess.best(page)

    def _odds(self, words: Sequence[str]) -> Scores:
        """What the three witnesses say together."""
        letters = self._letters(" ".join(words))
        counted, strange = self._words.counted(words), self._words.strange(words)
        return {
            language: LETTERS * letters[language]
            + COUNTED * counted[language]
            - LISTED * strange[language]
            for language in LANGUAGES
        }

    def _letters(self, text: str) -> Scores:
        scores = self._detector.detect_details(text).scores
        bounded = {
            language: min(max(scores.get(code, UNSEEN), UNSEEN), 1 - UNSEEN)
            for code, language in _CODES.items()
        }
        return {language: log(score / (1 - score)) for language, score in bounded.items()}


@dataclass(frozen=True)
class _Guess:
    """A message's words, what the witnesses say of them, and what the conversation spoke before."""

    words: Sequence[str]
    odds: Scores
    before: Spoken
    among: set[Language]

    def best(self, prior: Language, share: float = 1.0) -> Language:
        """The likeliest language, `prior` having a share of its weight on its side."""
        weight = share * (PRIOR if len(self.words) > 1 else ONE_WORD_PRIOR)
        candidates = [language for language in LANGUAGES if language in self.among]
        return max(
            candidates,
            key=lambda one: (self.odds[one] + weight * (one == prior), one == prior),
        )


class _Words:
    """What is known of words: which languages have them, and how often the examples use them."""

    def __init__(self) -> None:
        lists: dict[str, str] = YAML(typ="safe").load(_LISTS.read_text("utf-8"))
        self._loans = frozenset(lists.pop("loans").split())
        self._having: dict[str, set[str]] = defaultdict(set)
        for language, words in lists.items():
            for word in words.split():
                self._having[word].add(language)
        self._counts = read()
        self._seen = {word for words in self._counts.values() for word in words}
        self._totals = {
            language: words.total() + SMOOTHING * len(self._seen)
            for language, words in self._counts.items()
        }
        self._chances = lru_cache(WORDS_KEPT)(self._compared)

    def is_loan(self, word: str) -> bool:
        """Whether everybody uses the word, whatever they speak."""
        return word in self._loans

    def all_of(self, words: Iterable[str], language: Language) -> bool:
        """Whether the language has every one of the words: then nothing speaks against it."""
        return all(
            language in self._having.get(word, ()) or self._counts[language][word] >= USUAL
            for word in words
        )

    def counted(self, words: Iterable[str]) -> Scores:
        """How likely each language makes the words, by the examples."""
        sums = dict.fromkeys(LANGUAGES, 0.0)
        for word in words:
            if word in self._seen:
                for language, chance in self._chances(word).items():
                    sums[language] += chance
        return sums

    def _compared(self, word: str) -> Scores:
        """How much less likely than in the best language a word of the examples is in each."""
        chances = {
            language: log((self._counts[language][word] + SMOOTHING) / self._totals[language])
            for language in LANGUAGES
        }
        best = max(chances.values())
        return {each: max(chance - best, -MOST_OF_ONE_WORD) for each, chance in chances.items()}

    def strange(self, words: Iterable[str]) -> Scores:
        """How many of the words are not of each language, beyond those that are of none."""
        sums = dict.fromkeys(LANGUAGES, 0.0)
        for word in words:
            having = self._having.get(word) or _by_spelling(word)
            for language in LANGUAGES:
                sums[language] += language not in having
        least = min(sums.values())
        return {language: min(number - least, MOST_STRANGE) for language, number in sums.items()}


def _by_spelling(word: str) -> set[Language]:
    """The languages that a word may be of, for how it is spelled."""
    having = set(LANGUAGES)
    for sign, languages in _SIGNS:
        if sign.search(word):
            having &= languages
    return having or set(LANGUAGES)
