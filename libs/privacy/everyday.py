"""Words that are not on the list, but made of those that are: "bestillingene", "lampefot"."""

from libs.privacy.lexicon import WORD, known
from libs.privacy.wordlists import sections

SHORTEST = 3
"""Letters of a part of a compound, and of a word that is looked at, at least."""

_LINKS = ("", "s", "e", "n")
_ENDINGS = sections("words")["endings"]


def is_built(word: str) -> bool:
    """Whether a word is made of everyday ones: an ending on one, or two together."""
    word = word.casefold()
    cuts = range(SHORTEST, len(word) - SHORTEST + 1)
    return _is_everyday(word) or any(
        _is_first(word[:cut]) and _is_everyday(word[cut:]) for cut in cuts
    )


def _is_first(part: str) -> bool:
    """Whether a word may be the first of two, with or without a letter that links them."""
    return any(part.endswith(link) and _is_everyday(part.removesuffix(link)) for link in _LINKS)


def _is_everyday(word: str) -> bool:
    if len(word) < SHORTEST:
        return False
    if known(word) & WORD:
        return True
    return any(
        word.endswith(ending)
        and len(word) - len(ending) >= SHORTEST
        and known(word.removesuffix(ending)) & WORD
        for ending in _ENDINGS
    )
