"""The number rule: six digits or more are masked, whatever is between them, unless clearly harmless."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from libs.privacy.recognizers import BLANK, FOLDED, KEPT

if TYPE_CHECKING:
    from libs.privacy.recognizers import Finding

LONG = 6
"""Runs of at least so many digits are masked by default."""

CUED = 4
"""After a word that asks for it (order number, telephone), shorter ones are too."""

RUN = re.compile(r"\+?+\d(?:[ .\-/_()]{0,3}+\d)*+")
DATE = re.compile(
    r"(?<![\d.-])(?:\d{1,2}[./-] ?\d{1,2}[./-] ?((?:19|20)\d\d)|((?:19|20)\d\d)-\d{2}-\d{2})(?![\d-])"
)
MONTHS, DAYS = 12, 31
GROWN_UP = 2015
"""A date before this year is a birthday in a shop's chat."""

MONTH = (
    r"(?:jan|feb|mar|apr|mai|maj|may|jun|jul|aug|sep|okt|oct|nov|des|dec"
    r"|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)[^\W\d_]{0,10}+"
)
WRITTEN_DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}\.? (?:of )?{MONTH}\.?,? ((?:19|20)\d\d)(?!\d)", FOLDED
)

UNIT = r"(?:kr|kroner|kronor|nok|sek|dkk|eur|euroa?|€|£|\$|g|kg|mm|cm|ml|dl|mah|w|gb|%)"
AMOUNT = r"\d{1,3}(?:[ .]\d{3}){0,2}(?:,\d{1,2}|,-)?"
PRICE = re.compile(
    r"(?<![\w.-])\d{1,4}\.\d\d(?![\w.-])|"
    rf"(?<![\w.-])(?:(?:kr|nok|sek|dkk|eur|€|£|\$)[. ]{{0,2}}{AMOUNT}|{AMOUNT} ?{UNIT})(?![\w\d])",
    FOLDED,
)

TIMES = re.compile(r"(?<![\d.])[012]?\d[.:][0-5]\d ?- ?[012]?\d[.:][0-5]\d(?![\d.])")

HARMLESS = re.compile(
    r"(?:\bart(?:ikkel|ikel)?[ .-]{0,2}(?:nr|nummer|no)|vare?(?:nr|nummer)|varunummer|tuotenumero"
    r"|\bean|gtin|isbn|\borg[ .-]{0,2}(?:nr|nummer)|organisa(?:sjons|tions)nummer|y-tunnus|\bcvr"
    r"|\bsku|modell?|mallinumero|item (?:no|number))[^\w\n\ufffc]{0,4}$",
    FOLDED,
)
AFTER_CUE = rf"[^\d\n{BLANK}]{{0,14}}$"
CUES = {
    "TRACKING_NUMBER": "spor(?:ing|ings)|pakkenr|pakkenummer|kolli|spårning|sändning|forsendelse"
    "|seuranta|lähetys|tracking|parcel (?:no|number)|track ?& ?trace",
    "ORDER_NUMBER": "ordre|order|bestilling|beställning|tilau|køb(?:s)?nummer|purchase|kvittering"
    "|kvitto|kuitti|faktura|invoice|lasku",
    "PHONE": r"telefon|\btlf|\bmob(?:il)?|\bnummeret mitt|\bring|puh(?:elin)?|\bsoita|phone|call me"
    r"|\btel\b|\bcell",
    "NATIONAL_ID": r"fødsels|person(?:nummer|nr)|\bcpr\b|henkilötunnus|\bhetu\b|national id",
    "PAYMENT_CARD": r"\bkort(?:nummer|nr|et)?|\bcard|luottokort|pankkikort|\bvisa\b|mastercard",
    "DATE_OF_BIRTH": r"født|född|syntyn|syntymä|\bborn|birth|\bdob\b|fødselsdato|födelse",
}
CUE_PATTERNS = tuple(
    (kind, re.compile(f"(?:{words}){AFTER_CUE}", FOLDED)) for kind, words in CUES.items()
)
ASKED_PATTERNS = tuple((kind, re.compile(words, FOLDED)) for kind, words in CUES.items())

PHONE_GROUPS = {(3, 2, 3), (2, 2, 2, 2), (4, 4), (3, 3, 2), (3, 3, 2, 2), (3, 3, 4)}
IDENTITY_LENGTHS = (10, 11, 12)
BIRTHDAY_GROUPS = (6, 8, *IDENTITY_LENGTHS)
CARD_LENGTHS = range(13, 20)
SHIPMENT_LENGTHS = range(17, 25)
ORDER_LENGTH = 8


def numbers(text: str, context: str) -> Iterator["Finding"]:
    """Every long number and every cued one, with the kind that its words or its shape suggest."""
    for found in (*DATE.finditer(text), *WRITTEN_DATE.finditer(text)):
        if _is_birthday(found, text):
            yield found.start(), found.end(), "DATE_OF_BIRTH"
    rest = WRITTEN_DATE.sub(_kept, DATE.sub(_kept_if_date, text))
    rest = TIMES.sub(_kept, PRICE.sub(_kept, rest))
    for run in RUN.finditer(rest):
        if kind := _kind(run.group(), rest[max(0, run.start() - 40) : run.start()], context):
            yield run.start(), run.end(), kind


def _kind(raw: str, left: str, context: str) -> str | None:
    digits = re.sub(r"\D", "", raw)
    if len(digits) < CUED:
        return None
    cue = next((kind for kind, pattern in CUE_PATTERNS if pattern.search(left)), None)
    if len(digits) < (CUED if cue else LONG) or HARMLESS.search(left):
        return None
    asked = next((kind for kind, pattern in ASKED_PATTERNS if pattern.search(context)), None)
    return cue or _shape(raw, digits) or asked or _plain_kind(raw, digits)


def _shape(raw: str, digits: str) -> str | None:
    if raw.startswith("+") or (digits.startswith("00") and len(digits) < SHIPMENT_LENGTHS.start):
        return "PHONE"
    if len(digits) in CARD_LENGTHS and digits[0] in "3456" and _luhn(digits):
        return "PAYMENT_CARD"
    if len(_groups(raw)[0]) in BIRTHDAY_GROUPS and _starts_with_birthday(digits):
        return "NATIONAL_ID"
    return None


def _plain_kind(raw: str, digits: str) -> str:
    if tuple(map(len, _groups(raw))) in PHONE_GROUPS or (
        digits[0] == "0" and len(digits) in {9, 10, 11}
    ):
        return "PHONE"
    if len(digits) in SHIPMENT_LENGTHS:
        return "TRACKING_NUMBER"
    return "ORDER_NUMBER" if len(digits) == ORDER_LENGTH else "NUMBER"


def _groups(raw: str) -> list[str]:
    return re.findall(r"\d+", raw)


def _starts_with_birthday(digits: str) -> bool:
    """Day, month, year (Norway, with the test ranges +40 and +80; Denmark) or year, month, day (Sweden)."""
    if len(digits) not in IDENTITY_LENGTHS:
        return False
    first, second, third = (int(digits[n : n + 2]) for n in (0, 2, 4))
    nordic = first % 40 in range(1, DAYS + 1) and second % 40 in range(1, MONTHS + 1)
    day = int(digits[6:8]) if len(digits) == 12 else third  # noqa: PLR2004 - with its century
    month = third if len(digits) == 12 else second  # noqa: PLR2004
    swedish = month in range(1, MONTHS + 1) and day % 60 in range(1, DAYS + 1)
    return nordic or swedish


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(n - 9 * (n > 9) for n in doubled) % 10 == 0  # noqa: PLR2004 - digit sum


def _is_birthday(found: "re.Match[str]", text: str) -> bool:
    cue = CUE_PATTERNS[-1][1].search(text[max(0, found.start() - 40) : found.start()])
    year = next(int(part) for part in found.groups() if part)
    written = found.re is WRITTEN_DATE
    return (written or _is_date(found)) and (bool(cue) or year < GROWN_UP)


def _kept(found: "re.Match[str]") -> str:
    return KEPT * len(found.group())


def _kept_if_date(found: "re.Match[str]") -> str:
    return _kept(found) if _is_date(found) else found.group()


def _is_date(found: "re.Match[str]") -> bool:
    parts = [int(part) for part in re.findall(r"\d+", found.group())]
    small = sorted(part for part in parts if part < 100)  # noqa: PLR2004 - day and month
    return len(small) == 2 and 1 <= small[0] <= MONTHS and small[1] <= DAYS  # noqa: PLR2004
