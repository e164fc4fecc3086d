"""The strict masking's last step: what is not known to be harmless goes, too."""

import re
from collections.abc import Iterator

from libs.privacy.everyday import SHORTEST, is_built
from libs.privacy.lexicon import NAME, WORD
from libs.privacy.numbers import HARMLESS_FORMS
from libs.privacy.products import Allowed, brands, is_product
from libs.privacy.tokens import Token, tokens

DIGITS = re.compile(r"(?<!\w)\d(?:[ .\-]?\d){3,}")
CONTRACTED = re.compile(r"(?:n?['\u2019][a-z]{1,2})$")
"""What is left of a word that is run into the one before: "doesn't", "I'd"."""

YEARS = re.compile(r"20(?:1[5-9]|[23]\d)")
"""Years in which nobody was born who writes to shops."""


def unknown(
    text: str, _context: str, listed: Allowed | None = None
) -> Iterator[tuple[int, int, str]]:
    """Words that no list has, capitals on possible names, and runs of four digits and more."""
    allowed = [place for source in (brands(), listed) if source for place in source.places(text)]
    for word in tokens(text, finnish=True):
        inside = any(start <= word.start < end for start, end in allowed)
        if not inside and not _is_harmless(word):
            yield word.start, word.end, "UNKNOWN"
    rest = text
    for harmless in HARMLESS_FORMS:
        rest = harmless.sub(lambda hit: "\ufffd" * len(hit.group()), rest)
    for found in DIGITS.finditer(rest):
        if YEARS.fullmatch(found.group()):
            continue
        yield found.start(), found.end(), "NUMBER"


def _is_harmless(word: Token) -> bool:
    if len(word.text) < SHORTEST:
        return True
    if word.title and not word.first and word.flags & NAME:
        return False
    plain = word.text.casefold()
    stem = CONTRACTED.sub("", plain)
    return bool(word.flags & WORD) or is_product(plain) or is_built(stem) or len(stem) < SHORTEST
