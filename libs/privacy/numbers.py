"""The number rule: six digits or more are masked, whatever is between them, unless clearly harmless."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from libs.privacy.amounts import PRICE, TIMES
from libs.privacy.dates import DATE, DAYS, MONTHS, WRITTEN_DATE, is_date
from libs.privacy.recognizers import BLANK, FOLDED, KEPT, VERSION
from libs.privacy.shipments import CARRIERS, is_shipment
from libs.privacy.shipments import LONG as LONG_SHIPMENTS
from libs.privacy.shipments import WORDS as SHIPMENT_WORDS
from libs.privacy.spoken import spoken

if TYPE_CHECKING:
    from libs.privacy.recognizers import Finding

LEFT = 60
"""Characters before a number in which words for it are looked for."""

LONG = 6
"""Runs of at least so many digits are masked by default."""

CUED = 4
"""After a word that asks for it (order number, telephone), shorter ones are too."""

RUN = re.compile(r"\+?+\d(?:[ .\-/_()]{0,3}+\d)*+")
FEWEST = re.compile(r"\d(?:[ .\-/_()]{0,3}+\d){3}")
"""Where not even so many digits stand together, no number can be anybody's."""

GROWN_UP = 2015
"""A date before this year is a birthday in a shop's chat."""

ARTICLES = (
    r"\bart(?:ikkel|ikel)?[ .-]{0,2}(?:nr|nummer|no)|vare?(?:nr|nummer)|varunummer|tuotenumero"
    r"|\bean|gtin|isbn|\borg[ .-]{0,2}(?:nr|nummer)|organisa(?:sjons|tions)nummer|y-tunnus|\bcvr"
    r"|\bsku|modell?|mallinumero|item (?:no|number)|tuoten(?:ume)?ro|vare ?nr"
)
COMPANIES = re.compile(
    r"(?:\borg[ .-]{0,2}(?:nr|nummer)|organisa(?:sjons|tions)n|foretaksn|y-tunnu|\bcvr"
    rf"|company (?:registration|reg|no|number)|\bvat\b|\bmva\b|\bmoms)[^\d\n{BLANK}]{{0,36}}$",
    FOLDED,
)
"""A company's number is public, also when there are some words between."""

DIMENSIONS = re.compile(
    r"(?<![\w.,/-])\d{2,4} ?[x\u00d7*] ?\d{2,4}(?: ?[x\u00d7*] ?\d{1,4})?(?: ?(?:cm|mm|m))?(?![\w/-])",
    FOLDED,
)
"""How large a thing is: 160x200."""

HEIGHTS = re.compile(
    rf"(?<![\w.,/-])(?:{'|'.join(f'{size}/{size + 6}' for size in range(44, 183, 6))})(?![\w/-]|[.,]\d)"
)
"""Sizes of children, two by two: 128/134."""

PERIOD = re.compile(
    r"(?<![\w.,/-])\d{1,2}[./]?(?:\d{1,2}\.?)? ?[-\u2013] ?\d{1,2}[./]\d{1,2}\.?(?![\w/-])"
)
"""From one day to another: 27.-30.11."""

COUNTS = re.compile(
    r"(?<![\w.,/-])\d{1,3}(?:[ .,]?\d{3}){1,3} ?(?:poeng|poäng|points?|pistettä|bonus|km|m²|mah|lumen|rpm)\b",
    FOLDED,
)
"""How many of something: 100 000 points."""

HARMLESS_FORMS = (COUNTS, PRICE, TIMES, DIMENSIONS, HEIGHTS, PERIOD)

THINGS = re.compile(
    r"\b(?:artik(?:k)?el|vare|vara|tuote|item|product|produkt|modell?|malli)[ :#]{1,2}$", FOLDED
)
"""What a short number after it belongs to."""

HARMLESS = re.compile(rf"(?:{ARTICLES})[^\w\n\ufffc]{{0,4}}(?:[A-Z]{{1,4}}-?)?$", FOLDED)
NEAR = 36
"""Characters that a word for a number and what stands between them may take."""

AFTER_CUE = rf"[^\d\n{BLANK}]{{0,14}}$"
ORDER = "ORDER_NUMBER"
CUES = {
    "TRACKING_NUMBER": SHIPMENT_WORDS,
    "ORDER_NUMBER": "ordre|order|bestilling|beställning|tilau|køb(?:s)?nummer|purchase|kvittering"
    "|kvitto|kuitti|faktura|invoice|lasku",
    "PHONE": r"telefon|\btlf|\bmob(?:il)?|\bnummeret mitt|\bring|puh(?:elin)?|\bsoita|phone|call me"
    r"|\btel\b|\bcell|\bsms\b|\bfa(?:ks|x)\b|\bnås? (?:meg|mig) på|\breach me|tavoitat|numeroon",
    "NATIONAL_ID": r"fødsels|person(?:nummer|nr)|\bcpr\b|henkilötunnus|\bhetu\b|national id",
    "PAYMENT_CARD": r"\bkort(?:nummer|nr|et)?|\bcard|luottokort|pankkikort|\bvisa\b|mastercard",
    "DATE_OF_BIRTH": r"født|född|syntyn|syntymä|\bborn|birth|\bdob\b|fødselsdato|födelse",
}
OTHERS = (
    rf"{ARTICLES}|kund(?:e|s)?[ -]?(?:nr|nummer|id)|customer|asiakasn|medlems|member|jäsen"
    r"|gavekort|presentkort"
    r"|gift ?card|lahjakor|rabatt|discount|voucher|konto|account|\bsak(?:s|en)?\b|saksn|ärende|sag(?:s|en)?\b"
    r"|sagsn|\bcase|ticket|\bkid\b|\bocr\b|viite|\bpin\b|\bkod[ei]n?\b|\bcode\b|koodi|postn|postal|zip|postin"
    r"|company|registration|orgn|serie|serial|sarjan|butikk|\bstore\b|myymälä|kortn|card n|korttin"
)
"""Words for numbers that are neither an order's nor a parcel's nor a telephone's."""

_NEAREST = re.compile(
    "|".join(
        f"(?P<{kind}>{words})"
        for kind, words in {**CUES, "CARRIER": CARRIERS.pattern, "OTHER": OTHERS}.items()
    ),
    FOLDED,
)
FAR = 28
"""A word explains a number that stands at most so many characters after it."""


_NUMBER_OF_PHONE = re.compile(
    r"(?:telefon|tlf|mobil|phone|puhelin)[^\W\d]*[ .]?(?:n(?:umme)?r|num(?:ber|ero))\w*\s(?:\w{1,5}\s){0,3}$",
    FOLDED,
)
"""The telephone number of an order is a telephone number."""


def nearest_cue(left: str) -> str | None:
    """The kind that the last explaining word before a number suggests: a kind, CARRIER or OTHER."""
    last = re.split(rf"[\d\n{BLANK}]", left)[-1]
    near = [found for found in _NEAREST.finditer(last) if len(last) - found.end() <= FAR]
    if not near:
        return None
    kind = near[-1].lastgroup
    before = near[-2].lastgroup if near[:-1] else None
    if kind == "OTHER" and before in {"TRACKING_NUMBER", "CARRIER"}:
        return before
    return "PHONE" if _NUMBER_OF_PHONE.search(last[: near[-1].start()]) else kind


CUE_PATTERNS = tuple(
    (kind, re.compile(f"(?:{words}){AFTER_CUE}", FOLDED)) for kind, words in CUES.items()
)
_OWN = (
    r"\b(?:konto(?!r)|clearing|sort code|account (?:no|number|nr)|tilinumero|tili(?:ni|lle)\b"
    r"|reg\.? ?(?:nr\.?)? ?(?:og|and|&)? ?konto|kund(?:e|s)?[ -]?(?:n(?:umme)?r|id)|asiakasn|medlems?n|jäsenn"
    r"|(?:customer|member|membership|case|ticket) (?:no|number|id)|saksn|sagsn|ärenden)\w*"
)
OWN_PATTERNS = (*CUE_PATTERNS, ("NUMBER", re.compile(f"{_OWN}{AFTER_CUE}", FOLDED)))
"""Beside them, words for numbers of people's own that the bot has no use for."""

ASKED_PATTERNS = tuple((kind, re.compile(words, FOLDED)) for kind, words in CUES.items())

PHONE_GROUPS = {(3, 2, 3), (2, 2, 2, 2), (4, 4), (3, 3, 2), (3, 3, 2, 2), (3, 3, 4)}
IDENTITY_LENGTHS = (10, 11, 12)
BIRTHDAY_GROUPS = (6, 8, *IDENTITY_LENGTHS)
CARD_LENGTHS = range(13, 20)
ORDER_LENGTH = 8


def numbers(text: str, context: str) -> Iterator["Finding"]:
    """Every long number and every cued one, with the kind that its words or its shape suggest."""
    rest = text
    if FEWEST.search(text):
        yield from _birthdays(text)
        rest = WRITTEN_DATE.sub(_kept, DATE.sub(_kept_if_date, text))
        for harmless in HARMLESS_FORMS:
            rest = harmless.sub(_kept, rest)
        for run in RUN.finditer(rest):
            left = rest[max(0, run.start() - LEFT) : run.start()]
            if kind := _kind(run.group(), left, context):
                yield run.start(), run.end(), kind
    for start, end, digits in spoken(rest):
        if len(digits) >= LONG:
            yield start, end, _kind_of_said(rest[max(0, start - 40) : start], digits)


def _birthdays(text: str) -> Iterator["Finding"]:
    for found in (*DATE.finditer(text), *WRITTEN_DATE.finditer(text)):
        if _is_birthday(found, text):
            yield found.start(), found.end(), "DATE_OF_BIRTH"


def _kind_of_said(left: str, digits: str) -> str:
    """The kind of a number that is spelled out: by the word before it, or by its length."""
    cue = next((kind for kind, pattern in CUE_PATTERNS if pattern.search(left)), None)
    return cue or plain_kind(digits, digits)


def _kind(raw: str, left: str, context: str) -> str | None:
    digits = re.sub(r"\D", "", raw)
    if len(digits) < CUED:
        return None
    cue = cue_before(left)
    asked = next((kind for kind, pattern in ASKED_PATTERNS if pattern.search(context)), None)
    least = CUED if cue or asked else LONG
    if len(digits) < least or HARMLESS.search(left) or (not cue and _is_public(raw, left, digits)):
        return None
    return cue or shape(raw, digits) or asked or plain_kind(raw, digits)


def _is_public(raw: str, left: str, digits: str) -> bool:
    """Whether the number is a company's, a thing's or a program's."""
    if raw.count(".") > 1 and VERSION.search(left):
        return True
    return bool(COMPANIES.search(left) or (len(digits) < ORDER_LENGTH and THINGS.search(left)))


def cue_before(left: str) -> str | None:
    """The kind that a word shortly before a number gives it."""
    near = re.split(rf"[\d\n{BLANK}]", left)[-1][-NEAR:]
    return next((kind for kind, pattern in OWN_PATTERNS if pattern.search(near)), None)


def shape(raw: str, digits: str) -> str | None:
    """What a number is for how it is written alone: international, or with a check that fits."""
    if raw.startswith("+") or (digits.startswith("00") and len(digits) < LONG_SHIPMENTS.start):
        return "PHONE"
    if len(digits) in CARD_LENGTHS and digits[0] in "3456" and _luhn(digits):
        return "PAYMENT_CARD"
    if len(_groups(raw)[0]) in BIRTHDAY_GROUPS and _starts_with_birthday(digits):
        return "NATIONAL_ID"
    return None


def plain_kind(raw: str, digits: str) -> str:
    """The likeliest kind of a number that nothing explains."""
    if tuple(map(len, _groups(raw))) in PHONE_GROUPS or (
        digits[0] == "0" and len(digits) in {9, 10, 11}
    ):
        return "PHONE"
    if is_shipment(digits):
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
    return (written or is_date(found)) and (bool(cue) or year < GROWN_UP)


def _kept(found: "re.Match[str]") -> str:
    return KEPT * len(found.group())


def _kept_if_date(found: "re.Match[str]") -> str:
    return _kept(found) if is_date(found) else found.group()
