"""Words of letters and digits: parcels, identities, orders as shops number them."""

import re
from collections.abc import Iterator

from libs.privacy.digits import needs_digits
from libs.privacy.numbers import HARMLESS, ORDER, cue_before
from libs.privacy.recognizers import FOLDED, Finding
from libs.privacy.shipments import lettered

CODE = re.compile(r"(?<![^\W_])(?:[^\W\d_]++-)*+[^\W\d_]*+\d[^\W_]*+(?:-[^\W_]++)*+")
SIZE = re.compile(r"\d{2,4}(?:[x\u00d7]\d{2,4}){1,2}(?:cm|mm|m)?", FOLDED)
STANDARD = re.compile(r"(?:en|iso|din|ip|ce|ral|uk|eu|us)-?\d{1,5}", FOLDED)
"""What letters and digits are for everybody: norms, colours, sizes."""

NATIONAL_WITH_LETTERS = re.compile(
    r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", FOLDED
)
SPACED_NATIONAL = re.compile(r"(?<!\w)[A-Z]{2} \d{2} \d{2} \d{2} [A-D](?!\w)", FOLDED)

MANY, LETTERED, CUED = 6, 5, 3
"""Digits of a code that needs nothing else; after two letters; after a word for orders."""

LETTERS_FIRST = re.compile(r"[^\W\d_]{2,5}-?\d+")
LEFT = 40
ASKED = re.compile(r"ordre|order|bestilling|beställning|tilau", FOLDED)


@needs_digits
def codes(text: str, context: str) -> Iterator[Finding]:
    """Codes that are long enough to be somebody's, and shorter ones after a word for them."""
    taken = [(start, end, "TRACKING_NUMBER") for start, end, _ in lettered(text)]
    taken += [(*hit.span(), "NATIONAL_ID") for hit in SPACED_NATIONAL.finditer(text)]
    yield from taken
    covered = {index for start, end, _ in taken for index in range(start, end)}
    asked = bool(ASKED.search(context))
    for found in CODE.finditer(text):
        code = found.group()
        if found.start() in covered or not any(c.isalpha() for c in code):
            continue
        left = text[max(0, found.start() - LEFT) : found.start()]
        if kind := _kind(code, left, asked=asked):
            yield found.start(), found.end(), kind


def _kind(code: str, left: str, *, asked: bool) -> str | None:
    if NATIONAL_WITH_LETTERS.fullmatch(code):
        return "NATIONAL_ID"
    if SIZE.fullmatch(code) or STANDARD.fullmatch(code) or HARMLESS.search(left):
        return None
    cue = cue_before(left) or (ORDER if asked else None)
    digits = sum(c.isdigit() for c in code)
    least = LETTERED if LETTERS_FIRST.fullmatch(code) else MANY
    return cue or "NUMBER" if digits >= (CUED if cue == ORDER else least) else None
