"""Which language a message is in: a detector's scores, weighed with what the conversation speaks."""

from collections.abc import Iterable
from math import log
from typing import Any

import eldc

from libs.contracts.content import LANGUAGES, Language

_CODES: dict[str, Language] = {"no": "nb", "sv": "sv", "da": "da", "fi": "fi", "en": "en"}

PRIOR = 0.5
"""How much the conversation's language weighs, in log-odds: a clear sentence in another one wins."""

ONE_WORD_PRIOR = 2.0
"""A single word is often shared between neighbours: "ordre", "retur", "visa"."""

SHORTEST = 4
"""Texts with fewer letters say nothing about their language."""

UNSEEN = 0.02
"""The detector's score of a language that it did not mention at all."""


class LanguageDetector:
    """Tells nb, sv, da, fi and en apart; same text and prior, same answer."""

    def __init__(self) -> None:
        eldc.init()
        self._detector: Any = eldc.instance()
        self._detector.set_languages(list(_CODES))
        self._detector.set_scores(len(_CODES))

    def language(self, text: str, prior: Language, spoken: Iterable[Language]) -> Language:
        """The language of `text` among those `spoken`; `prior` where it cannot be told."""
        if sum(char.isalpha() for char in text) < SHORTEST:
            return prior
        weight = PRIOR if len(text.split()) > 1 else ONE_WORD_PRIOR
        odds = self._odds(text)
        odds[prior] += weight
        candidates = [language for language in LANGUAGES if language in {*spoken, prior}]
        return max(candidates, key=lambda language: odds[language])

    def _odds(self, text: str) -> dict[Language, float]:
        scores = self._detector.detect_details(text).scores
        bounded = {
            language: min(max(scores.get(code, UNSEEN), UNSEEN), 1 - UNSEEN)
            for code, language in _CODES.items()
        }
        return {language: log(score / (1 - score)) for language, score in bounded.items()}
