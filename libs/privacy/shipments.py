"""Parcel numbers: the postal unions' S10, GS1's SSCC, and the forms of the Nordic carriers."""

import re
from collections.abc import Iterator

FOLDED = re.IGNORECASE
_GAP = r"[ .\-]{0,2}"

S10 = re.compile(
    r"(?:(?<![^\W_])|(?-i:(?<=[a-zæøåäö])(?=[A-Z])))"
    rf"[A-Z]{{2}}{_GAP}\d(?:{_GAP}\d){{8}}{_GAP}[A-Z]{{2}}(?![^\W_])",
    FOLDED,
)
NEAR = frozenset(
    ["NO", "SE", "DK", "FI", "DE", "GB", "NL", "PL", "EE", "LV", "LT", "FR", "US", "CN"]
)
"""Countries whose letters are believed even where they stand apart and are small."""

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

_DIGITS = rf"(?:{_GAP}\d)"
LETTERED = re.compile(
    r"(?<![^\W_])(?:"
    rf"1Z(?:{_GAP}[0-9A-Z]){{16}}"  # UPS
    rf"|JJFI{_DIGITS}{{8,21}}"  # Posti
    rf"|J(?:JD|VGL|D|J){_DIGITS}{{10,24}}"  # DHL
    rf"|GM{_DIGITS}{{10,20}}"  # DHL eCommerce
    rf"|M[AHX]{_DIGITS}{{8,24}}"  # Matkahuolto, Posti
    rf"|TBA{_DIGITS}{{10,14}}"
    rf"|3S[A-Z]{{2,6}}{_DIGITS}{{6,12}}"  # PostNL
    rf"|\d{_DIGITS}{{10}} ?SE"  # PostNord's own, eleven digits
    r")(?![^\W_])",
    FOLDED,
)

CODED = re.compile(r"(?<![^\W_])[A-Z]{2,6}\d{7,20}[A-Z]{0,3}(?![^\W_])", FOLDED)
"""What a parcel number may look like that only a word before it explains."""

LONG = range(17, 25)
"""Digits of a parcel number that needs no word to explain it."""

WORDS = (
    "spor(?:ing|ings)|pakkenr|pakkenummer|kolli|spårning|sändning|forsendelse|försändelse|paketn"
    "|seuranta|lähetys|tracking|parcel (?:no|number)|track ?& ?trace|track and trace|sendingsn"
    "|fraktsedel|rahtikirja|consignment|waybill|shipment (?:no|number|id)|parcel id|paketti(?:numero|tunnus)"
)
CARRIERS = re.compile(
    r"\b(?:dhl|gls|ups|dpd|fedex|postnord|bring|posten|posti|matkahuolto|instabox|budbee|helthjem|dao"
    r"|porterbuddy|airmee|schenker|earlybird|omniva|postpaketti|ombud)\b", FOLDED,
)  # fmt: skip
NAMED = re.compile(
    r"(?:spor(?:ing)?s?|kolli|sendings?|pakke|paket|spårnings?|försändelse|forsendelses?|sändnings?"
    r"|seuranta|lähetys|paketti|tracking|parcel|shipment|consignment|track ?(?:&|and) ?trace)[ -]?"
    r"(?:n(?:umme)?r|num(?:ber|ero)|no\b|nro|kod|code|id\b|tunnus|koodi)", FOLDED,
)  # fmt: skip
"""The words that name a parcel number itself, not just that somebody wants to follow a parcel."""


def lettered(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of parcel numbers with letters, and whether their own check is right."""
    done = 0
    for found in sorted((*_postal(text), *LETTERED.finditer(text)), key=_place):
        if found.start() >= done:
            done = found.end()
            yield found.start(), found.end(), is_sound(plain(found.group()))


def _postal(text: str) -> Iterator["re.Match[str]"]:
    """S10 numbers; letters that stand apart may just be words: "at 371 210 442 er"."""
    for found in S10.finditer(text):
        apart = not (found.group()[2].isdigit() and found.group()[-3].isdigit())
        code = plain(found.group())
        if found.group().isupper() or not apart or (code[-2:] in NEAR and is_sound(code)):
            yield found


def is_sound(code: str) -> bool:
    """Whether the check digit fits, where the form has one."""
    if re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", code):
        return s10_check(code[2:10]) == int(code[10])
    return True


def s10_check(serial: str) -> int:
    """The check digit of the eight digits of an S10 number."""
    rest = 11 - sum(int(d) * w for d, w in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def is_shipment(digits: str) -> bool:
    """Whether so many digits alone are a parcel number: an SSCC or one of Posten's own."""
    return len(digits) in LONG


def plain(code: str) -> str:
    """The number without what was typed between its characters."""
    return re.sub(r"[^0-9A-Za-z]", "", code).upper()


def _place(found: "re.Match[str]") -> tuple[int, int]:
    return found.start(), -found.end()
