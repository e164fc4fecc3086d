"""Sizes as people write them: letters, shoes and clothes, centimetres."""

import re
from collections.abc import Iterator

from libs.privacy.digits import DIGIT

FOLDED = re.IGNORECASE
_WORD = (
    r"(?:st(?:o|ø|oe)rrels(?:e|en|er|erne)|strl?|stl|storlek(?:en|ar)?|koko(?:a|on|na|inen)?|koo[nt]|koossa"
    r"|sizes?|sz)\b[.:]{0,2}\s{0,2}(?:(?:er|är|is|on|=|nr|:)\.?\s{1,2})?"
)
_LETTERS = (
    r"(?:[2-6]x[ls]|x{1,4}[ls]|[sml]|x-(?:large|small)|extra (?:large|small)|small|medium|large)"
)
_NUMBER = r"(?:\d{1,2}?1\u20442|\d{1,3}(?:[.,]5|½| ?1/2)?)"
"""A plain ½ is `1\u20442` once a text is normalised: 8½ is then "81\u20442"."""

_SYSTEM = r"(?:eu|uk|us)"
_BEHIND = rf"(?:\s?\(?{_SYSTEM}\b\)?)"
_END = r"(?![\w%]|[.,/:-]\d)"
_AREA = r"\d{2,3}\s?(?:cm)?\s?[x\u00d7*]\s?\d{2,3}(?:\s?[x\u00d7*]\s?\d{1,3})?"

AREA = re.compile(rf"(?<![\w.,])(?P<size>{_AREA})(?:\s?cm)?(?!\w|[.,]\d)", FOLDED)
CUED = re.compile(
    rf"\b{_WORD}(?P<size>(?:{_SYSTEM}[\s-]?)?"
    rf"(?:{_LETTERS}|{_NUMBER}(?:/\d{{2,3}})?(?:\s?cm)?){_BEHIND}?|one ?size){_END}",
    FOLDED,
)
AFTER = re.compile(rf"(?<![\w.,-])(?P<size>{_LETTERS}|\d{{2,3}})[ -](?:koko|kokoi|size\b)", FOLDED)
JEANS = re.compile(r"\b(?P<size>w\s?\d{2}\s?[/ ]?\s?l\s?\d{2})\b", FOLDED)
CENTIMETRES = re.compile(r"(?<![\w.,])(?P<size>\d{2,3}(?:[.,]5)?\s?cm)(?!\w)", FOLDED)
CLEAR = re.compile(
    r"(?<![\w'\u2019&.-])(?P<size>[2-6]x[ls]|x{1,4}[ls]|x-(?:large|small)|extra (?:large|small)"
    r"|one ?size)(?![\w'\u2019-])",
    FOLDED,
)
_BEFORE = (
    r"(?:i|in|en|an?|ett?|som|to|til|till|for|mot|og|och|and|eller|or|tai|ja|vs|from|fra|från"
    r"|enn|än|than)"
)
LONE = re.compile(
    rf"(?:(?<=^)|\b{_BEFORE}\s|[,/]\s?)(?P<size>[SML]|(?:small|medium|large)(?=\W*(?:$|{_BEFORE}\b)))"
    rf"(?![\w'\u2019&-]|\.\w)(?=\W*(?:$|[a-zæøåäö]))"
)
BARE = re.compile(
    r"(?:(?:^|\b(?:i|in|ei|fra|till?|to|eller|or|tai|och|og|and|en|a)\s)(?:nr\.?\s)?)(?P<size>[2-5]\d(?:[.,]5)?)"
    r"(?=\s*(?:$|[?!]|[.,](?!\d)|/[2-9]\d\b|\s(?:eller|or|tai|och|og|and|ja|til|till|to|på|igjen|igen|i|in)\b))",
    FOLDED,
)
# "us" is a word, too: alone and in small letters it counts only where nothing else fits.
_NAMED = r"(?:(?i:eu|uk)[\s-]?|US[\s-]?|us(?=\d))"
SYSTEM_CUED = re.compile(
    rf"\b(?P<size>(?:(?i:eu|uk)|US)[\s-](?i:{_WORD}(?:{_LETTERS}|{_NUMBER}))){_END}"
)
SYSTEM = re.compile(
    rf"\b(?P<size>{_NAMED}{_NUMBER}|(?:EU|UK|US) (?:[2-6]X[LS]|X{{1,4}}[LS]|[SML])(?!['\u2019&-])){_END}"
)
SYSTEM_US = re.compile(
    rf"(?:^|\b(?:in|i|en|an?)\s|[,/(]\s?)(?P<size>us\s(?i:{_WORD})?{_NUMBER}){_END}"
)
SYSTEM_BEHIND = re.compile(
    r"(?<![\w.,-])(?P<size>\d{1,2}(?:[.,]5)?(?:\s?\(?(?:(?i:eu|uk)|US)\b\)?|us\b))"
    rf"(?=\s*(?:$|[?!.,;:/)](?!\d)|{_BEFORE}\b))"
)
_PATTERNS = (
    AREA, SYSTEM_CUED, SYSTEM_US, CUED, AFTER, SYSTEM, SYSTEM_BEHIND, JEANS, CENTIMETRES, CLEAR, LONE, BARE,
)  # fmt: skip
_WITHOUT_DIGITS = (SYSTEM_CUED, CUED, AFTER, SYSTEM, CLEAR, LONE)
"""Those that find something where no digit is, in the same order."""
_NAMES = {
    "small": "S", "medium": "M", "large": "L", "x-large": "XL", "extra large": "XL",
    "x-small": "XS", "extra small": "XS", "one size": "ONE SIZE", "onesize": "ONE SIZE",
}  # fmt: skip
_OF_SYSTEM = re.compile(
    rf"(?:(?P<before>{_SYSTEM})[ -]?(?:{_WORD})?)?(?P<value>\d.*?|{_LETTERS})"
    rf"(?: ?\(?(?P<behind>{_SYSTEM})\)?)?"
)
_MANY = {"2XL": "XXL", "3XL": "XXXL", "4XL": "XXXXL", "2XS": "XXS", "3XS": "XXXS"}


def sizes(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and value of every size: "M", "42.5", "UK 8", "140x200", "170 cm".

    A size keeps the system that it is written in; one system is never turned into another.
    """
    done: list[tuple[int, int]] = []
    for start, end, typed in _found(text):
        if not any(first < end and start < last for first, last in done):
            done.append((start, end))
            yield start, end, size(typed)


def size(typed: str) -> str:
    """A size in one form, so that a visitor's and a feed's are equal."""
    word = " ".join(typed.casefold().split())
    if re.fullmatch(_AREA + r"(?:\s?cm)?", word):
        return re.sub(r"[\u00d7*]", "x", re.sub(r"\s|cm", "", word))
    known = _NAMES.get(word)
    if known:
        return known
    written = _OF_SYSTEM.fullmatch(word)
    system = written and (written["before"] or written["behind"])
    if written and system:
        return f"{system.upper()} {size(written['value'])}"
    plain = re.sub(r"½| ?1/2|1\u20442", ".5", word.upper().replace(",", "."))
    plain = re.sub(r"^W ?(\d\d)\W*L ?(\d\d)$", r"W\1 L\2", plain)
    plain = re.sub(r"(?<=\d) ?CM$", " cm", plain)
    return _MANY.get(plain, plain)


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in _PATTERNS if DIGIT.search(text) else _WITHOUT_DIGITS:
        for found in pattern.finditer(text):
            yield *found.span("size"), found["size"]
