"""Which number of a message is an order's, a parcel's or a telephone's: by form, and by the words near it."""

import re
from collections.abc import Iterator
from typing import Literal

from libs.privacy.digits import needs_digits
from libs.privacy.numbers import nearest_cue, plain_kind
from libs.privacy.numbers import shape as shape_of
from libs.privacy.recognizers import BLANK
from libs.privacy.shipments import CODED, NAMED, is_shipment, lettered, plain
from libs.privacy.spoken import spoken
from services.nlu.reading.order_numbers import Shape, shape

Kind = Literal["order_number", "tracking_number", "phone"]
Figure = tuple[Kind, int, int, str]

RUN = re.compile(r"(?<![0-9])[0-9](?:(?:[ \t]?[.\-]?[ \t]?|[/_'])[0-9])*+")
INTERNATIONAL = re.compile(
    r"(?<![\w+])(?<!\d[ .-])(?:\+(?:(?:47|45)(?:[ .\-()/]{0,2}\d){8}|46(?:[ .\-()/]{0,2}\d){7,10}"
    r"|358(?:[ .\-()/]{0,2}\d){6,11}|[1-9]\d{0,2}(?:[ .\-()/]{0,2}\d){6,12})(?!\d)"
    r"|00(?:(?:47|45)(?:[ .\-()/]{0,2}\d){8}|[1-9]\d{0,2}(?:[ .\-()/]{0,2}\d){6,12})(?![ .-]?\d))"
)
PART = re.compile(r"[0-9]+(?:[.\-][0-9]+)*")
GLUED = re.compile(r"([^\W\d_]+)$")
GLUE = re.compile(
    r"(?:nr|no|n|nro|num|er|är|is|on|id)|[^\W\d_]*(?:nr|no|nummer|number|numero|ordre|order)",
    re.IGNORECASE,
)
SMALL_GLUE = re.compile(r"[a-zæøåäö]{3,}")
"""A word in small letters; the letters of a code are capitals or few."""

_NEXT_NUMBER = re.compile(rf"[^\d{BLANK}]{{0,15}}[\d{BLANK}]")
AFTER = re.compile(
    r"\W{0,3}(?:(?:er|är|is|on)\W{1,2})?(?:(?:mitt|min|my|the|mit)\W)?", re.IGNORECASE
)

LEAST_PARCEL, MOST_PARCEL = 8, 30
CARRIERS_OWN = range(9, 17)
"""Digits of a number that a carrier's name before it makes a parcel's."""

LEAST_PHONE, MOST_PHONE = 5, 15
NATIONAL_PHONE = (9, 10, 11)
LEFT = 60
_MOBILE = re.compile(r"[49]\d{2} \d{2} \d{3}")
_NO_FACTS = frozenset({"OTHER", "NATIONAL_ID", "PAYMENT_CARD", "DATE_OF_BIRTH"})
_IDENTITY = re.compile(r"\d{6}-\d{4}|\d{7}-\d")
"""A person in Sweden, Denmark or Finland, or a Finnish company."""


@needs_digits
def lettered_parcels(text: str) -> Iterator[tuple[int, int, str]]:
    """Parcel numbers with letters; one whose check is wrong only after a word for it."""
    for start, end, sound in lettered(text):
        if sound or _told(text, start):
            yield start, end, plain(text[start:end])


@needs_digits
def coded_parcels(text: str) -> Iterator[tuple[int, int, str]]:
    """Codes of no known form, after a word for parcel numbers or a carrier's name."""
    for found in CODED.finditer(text):
        if _told(text, found.start()):
            yield *found.span(), plain(found.group())


def _told(text: str, start: int) -> bool:
    return nearest_cue(text[max(0, start - LEFT) : start]) in {"TRACKING_NUMBER", "CARRIER"}


@needs_digits
def phones(text: str) -> Iterator[tuple[int, int, str]]:
    """Telephone numbers with their country; the others are told by `numbers_in`."""
    for found in INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if not is_shipment(digits):
            yield *found.span(), "+" + (digits if found.group().startswith("+") else digits[2:])


@needs_digits
def numbers_in(text: str, pattern: str | None) -> Iterator[Figure]:
    """Every number that is explained: a run of digits as a whole, or else its parts between blanks."""
    wanted = shape(pattern) if pattern else None
    for run in RUN.finditer(text):
        if not _stands_free(text, run.start(), run.end()):
            continue
        for start, end in _readings(text, run, wanted):
            kind = _kind(text, start, end, wanted)
            if kind == "card":
                break
            if kind:
                yield kind, start, end, _value(kind, text[start:end], wanted)
                if (start, end) == run.span():
                    break


def spelled(text: str, pattern: str | None) -> Iterator[Figure]:
    """Numbers said in words, if they are one of this merchant's orders or a telephone is spoken of."""
    wanted = shape(pattern) if pattern else None
    for start, end, digits in spoken(text):
        cue = nearest_cue(text[max(0, start - LEFT) : start])
        value = wanted.value(digits) if wanted else None
        if cue == "PHONE" and LEAST_PHONE <= len(digits) <= MOST_PHONE:
            yield "phone", start, end, digits
        elif value:
            yield "order_number", start, end, value
        elif cue == "TRACKING_NUMBER" and len(digits) >= LEAST_PARCEL:
            yield "tracking_number", start, end, digits


def _readings(text: str, run: "re.Match[str]", wanted: Shape | None) -> Iterator[tuple[int, int]]:
    """The run as one number, then its parts; the parts alone where each of them is an order."""
    start = run.start()
    parts = [(start + part.start(), start + part.end()) for part in PART.finditer(run.group())]
    if len(parts) == 1 or not wanted or not all(wanted.value(text[a:b]) for a, b in parts):
        yield run.span()
    if len(parts) > 1:
        yield from parts


def _kind(text: str, start: int, end: int, wanted: Shape | None) -> "Kind | Literal['card'] | None":
    """What the number from `start` to `end` is; `card` where nothing in it may be taken for more."""
    raw = text[start:end]
    digits = re.sub(r"\D", "", raw)
    left = text[max(0, start - LEFT) : start]
    cue = nearest_cue(left) or _cue_after(text, end)
    order = bool(wanted and wanted.value(raw))
    if cue == "ORDER_NUMBER" and order:
        return "order_number"
    if is_shipment(digits) and "/" not in raw and cue != "OTHER":
        return "tracking_number"
    if shape_of(raw, digits) == "PAYMENT_CARD":
        return "card"
    if cue in _NO_FACTS or _IDENTITY.fullmatch(raw):
        return None
    named_parcel = cue == "TRACKING_NUMBER" and NAMED.search(left)
    if order and cue != "PHONE" and not named_parcel:
        return "phone" if _looks_like_phone(raw, digits, wanted) else "order_number"
    return _other_kind(raw, digits, cue)


def _other_kind(raw: str, digits: str, cue: str | None) -> Kind | None:
    """The kind of a number that is no order of this merchant."""
    if cue == "PHONE" and LEAST_PHONE <= len(digits) <= MOST_PHONE:
        return "phone"
    if cue == "TRACKING_NUMBER" and LEAST_PARCEL <= len(digits) <= MOST_PARCEL:
        return "tracking_number"
    if cue == "CARRIER" and len(digits) in CARRIERS_OWN:
        return "tracking_number"
    if len(digits) >= LEAST_PARCEL and cue is None and plain_kind(raw, digits) == "PHONE":
        return "phone"
    return None


def _looks_like_phone(raw: str, digits: str, wanted: Shape | None) -> bool:
    """Whether a number that might be an order is written as only telephone numbers are."""
    national = digits[0] == "0" and len(digits) in NATIONAL_PHONE
    zero_wanted = wanted is not None and wanted.whole.pattern.startswith(("0", "(?:0"))
    return bool(_MOBILE.fullmatch(raw)) or (national and not zero_wanted)


def _value(kind: Kind, raw: str, wanted: Shape | None) -> str:
    digits = re.sub(r"\D", "", raw)
    order = wanted.value(raw) if wanted and kind == "order_number" else None
    return order or digits


def _cue_after(text: str, end: int) -> str | None:
    """The kind that a word right after a number suggests: "40000000 er telefonen min"."""
    after = text[end : end + 40]
    gap = AFTER.match(after)
    word = re.match(r"[^\W\d_]+", after[gap.end() :]) if gap else None
    if gap is None or word is None or _NEXT_NUMBER.match(after, gap.end() + word.end()):
        return None
    kind = nearest_cue(word.group())
    return kind if kind in {"PHONE", "TRACKING_NUMBER"} else None


def _stands_free(text: str, start: int, end: int) -> bool:
    """Whether digits are a number of their own, not a part of a code like "x90817263y"."""
    glued = GLUED.search(text[max(0, start - 30) : start])
    if glued:
        return bool(GLUE.fullmatch(glued[1]) or SMALL_GLUE.fullmatch(glued[1]))
    return not re.match(r"[^\W\d_](?![^\W\d_])|[A-ZÆØÅÄÖ]{2}", text[end : end + 3])
