"""Recognizers of things with a form: links, e-mail, addresses, codes. Each yields (start, end, kind).

Patterns use possessive quantifiers and bounded repeats, and start only at the edge of a word, so that
no text can make them slow.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from libs.privacy.mails import mails
from libs.privacy.shipments import lettered

Finding = tuple[int, int, str]
Recognizer = Callable[[str, str], Iterator[Finding]]

BLANK = "\ufffc"
"""Stands where something is masked already; no pattern matches it."""

KEPT = "\ufffd"
"""Stands, within one recognizer, where it is done already or has found something harmless."""

KINDS = (
    "URL_TOKEN", "EMAIL", "IP", "IBAN", "PAYMENT_CARD", "NATIONAL_ID", "PHONE", "ORDER_NUMBER",
    "TRACKING_NUMBER", "DATE_OF_BIRTH", "NUMBER", "ADDRESS", "POSTCODE_CITY", "PERSON",
)  # fmt: skip
"""Every kind of thing that is masked; NUMBER is a long number that nothing explains."""

FOLDED = re.IGNORECASE

LINK = re.compile(rf'[^\s<>"{BLANK}]++')
SECRET_NAMES = ("token", "key", "sig", "secret", "auth", "session", "code", "reset", "otp", "mail")

SECRET_LEAST, RANDOM_LEAST = 4, 12
"""Characters of a named secret, and of a random part of a path, at least."""

IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,8}+[0-9a-f]{0,4}(?:\.\d{1,3}){0,3}+(?![\w:])", FOLDED
)
IPV6_LEAST = 4
VERSION = re.compile(r"\b(?:v|ver|version|versjon|versio|firmware|ios|app)[\s.:]*$", FOLDED)

IBAN_START = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?=[ .-]?[A-Z0-9])", FOLDED)
IBAN_LENGTHS = {"NO": 15, "SE": 24, "DK": 18, "FI": 18, "GB": 22, "DE": 22, "NL": 18, "PL": 28}
IBAN_MIN, IBAN_MAX = 15, 34
_IBAN_LISTED = (
    "AD AE AL AT AZ BA BE BG BH BR BY CH CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HR HU"
    " IE IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MR MT MU NI NL NO PK PL PS PT QA RO RS"
    " SA SC SE SI SK SM ST SV TL TN TR UA VA VG XK"
)
IBAN_COUNTRIES = frozenset(_IBAN_LISTED.split())
"""Where account numbers are so written; "nr 32 87 ..." is none, even where the sum fits by chance."""

CODE = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)*+")
CODE_DIGITS = 6
NATIONAL_WITH_LETTERS = re.compile(
    r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", FOLDED
)
SPACED_NATIONAL = re.compile(r"(?<!\w)[A-Z]{2} \d{2} \d{2} \d{2} [A-D](?!\w)", FOLDED)

STREET_WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,40}+(?![\w-])")
ENGLISH_ENDS = ("street", "road", "lane", "avenue", "crescent")
STREET_ENDS = (
    "veien", "vegen", "veg", "vei", "gata", "gaten", "gate", "vägen", "gatan", "gränd", "gränden",
    "stigen", "stien", "torget", "torg", "plassen", "plass", "plats", "allé", "alléen", "bakken",
    "svingen", "tunet", "vej", "vejen", "gade", "gaden", "stræde", "tie", "tiellä", "katu",
    "kadulla", "kuja", "kujalla", "polku", "polulla", "kaari", *ENGLISH_ENDS,
)  # fmt: skip
HOUSE = re.compile(r",?\s{1,2}\d{1,4}+(?:\s?[A-Za-z](?!\w))?(?:[-/]\d{1,4}+)?(?!\w)")
HOUSE_BEFORE = re.compile(r"(?<!\w)\d{1,4}[A-Za-z]?\s(?:[^\W\d_]{2,20}\s)?$")
NAME_BEFORE = re.compile(r"(?<![\w-])[A-ZÆØÅÄÖÉ][\w.'-]{0,30}\s$")

CURRENCIES = r"(?!(?:nok|sek|dkk|eur|gbp|usd|kr)\b)"
CITY = CURRENCIES + r"(?-i:[A-ZÆØÅÄÖ])[^\W\d_]{1,40}+(?:[ -](?-i:[A-ZÆØÅÄÖ])[^\W\d_]{1,40}+)?"
CODE_OF_TOWN = r"(?:\d{3} ?\d{2}|\d{4})(?!\d)"
POSTCODES = (
    re.compile(
        rf"(?<![\w.-])((?:(?:N|NO|S|SE|DK|FI|FIN)-)?(?!(?:19|20)\d\d\b){CODE_OF_TOWN},? {CITY})(?!\w)",
        FOLDED,
    ),
    re.compile(rf"(?<={BLANK})[, ]{{1,2}}({CODE_OF_TOWN}(?: {CITY})?)", FOLDED),
    re.compile(r"(?<!\w)([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)", FOLDED),
    re.compile(
        rf"post(?:nummer|nr|code|inumero|al code)[^\w\n]{{0,3}}(?:\w\w{{1,2}} )?({CODE_OF_TOWN})",
        FOLDED,
    ),
)


def links(text: str, _context: str) -> Iterator[Finding]:
    """Links that carry a secret: a token, a key, a long random part."""
    for word in LINK.finditer(text):
        link = word.group()
        is_link = "://" in link or link.lower().startswith("www.") or ("?" in link and "/" in link)
        if is_link and _has_secret(link):
            yield word.start(), word.end(), "URL_TOKEN"


def emails(text: str, _context: str) -> Iterator[Finding]:
    """E-mail addresses, also with `at` and `dot` spelled out in five languages."""
    for start, end, _ in mails(text):
        yield start, end, "EMAIL"


def ip_addresses(text: str, _context: str) -> Iterator[Finding]:
    """IPv4 and IPv6 addresses; four-part version numbers are left."""
    for found in IPV4.finditer(text):
        if _is_address(found.group()) and not VERSION.search(_left(text, found.start())):
            yield found.start(), found.end(), "IP"
    for found in IPV6.finditer(text):
        if _is_address(found.group()) and len(found.group().strip(":")) >= IPV6_LEAST:
            yield found.start(), found.end(), "IP"


def ibans(text: str, _context: str) -> Iterator[Finding]:
    """Account numbers: the length of their country, or a right checksum."""
    done = 0
    for found in IBAN_START.finditer(text):
        end = _iban_end(text, found.start()) if found.start() >= done else None
        if end:
            done = end
            yield found.start(), end, "IBAN"


def codes(text: str, _context: str) -> Iterator[Finding]:
    """Words of letters and at least six digits: parcels, identities, references."""
    taken = [(start, end, "TRACKING_NUMBER") for start, end, _ in lettered(text)]
    taken += [(*hit.span(), "NATIONAL_ID") for hit in SPACED_NATIONAL.finditer(text)]
    yield from taken
    covered = {index for start, end, _ in taken for index in range(start, end)}
    for found in CODE.finditer(text):
        if found.start() not in covered and (kind := _code_kind(found.group())):
            yield found.start(), found.end(), kind


def addresses(text: str, _context: str) -> Iterator[Finding]:
    """A street and its number, with the words before that belong to the street's name."""
    done = 0
    for word in STREET_WORD.finditer(text):
        name = word.group().lower()
        if word.start() < done or not name.endswith(STREET_ENDS):
            continue
        start = _street_start(text, word.start(), done)
        house = HOUSE.match(text, word.end())
        if house and (start < word.start() or name not in STREET_ENDS):
            done = house.end()
            yield start, done, "ADDRESS"
        elif name in ENGLISH_ENDS and (
            before := HOUSE_BEFORE.search(text, max(done, start - 30), start)
        ):
            done = word.end()
            yield before.start(), done, "ADDRESS"


def postcodes(text: str, _context: str) -> Iterator[Finding]:
    """A postcode with its town, after an address, or after the word for it."""
    for pattern in POSTCODES:
        for found in pattern.finditer(text):
            yield found.start(1), found.end(1), "POSTCODE_CITY"
        text = pattern.sub(lambda hit: KEPT * len(hit.group()), text)


def _left(text: str, start: int, width: int = 40) -> str:
    return text[max(0, start - width) : start]


def _has_secret(link: str) -> bool:
    for part in re.split(r"[?&#;]", link)[1:]:
        name, _, value = part.partition("=")
        if len(value) >= SECRET_LEAST and any(secret in name.lower() for secret in SECRET_NAMES):
            return True
    return any(_looks_random(part) for part in re.split(r"[^\w]|_", link))


def _looks_random(part: str) -> bool:
    letters = sum(c.isalpha() for c in part)
    return len(part) >= RANDOM_LEAST and 0 < letters < len(part)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _iban_end(text: str, start: int) -> int | None:
    symbols, ends = "", []
    for index in range(start, min(len(text), start + 2 * IBAN_MAX)):
        if text[index].isalnum() and text[index].isascii():
            symbols += text[index].upper()
            ends.append(index + 1)
        elif text[index] not in " .-" or text[index - 1] in " .-":
            break
    wanted = IBAN_LENGTHS.get(symbols[:2], 0)
    if wanted:
        return (
            ends[wanted - 1]
            if len(symbols) >= wanted and _has_digits(symbols[:wanted], wanted // 2)
            else None
        )
    if symbols[:2] not in IBAN_COUNTRIES:
        return None
    # An account number ends with a word; asking only there keeps hostile text cheap.
    lengths = [n for n in range(IBAN_MIN, len(ends) + 1) if not _is_inside_word(text, ends[n - 1])]
    return next((ends[n - 1] for n in reversed(lengths) if _checks(symbols[:n])), None)


def _has_digits(symbols: str, least: int) -> bool:
    return sum(c.isdigit() for c in symbols) >= least


def _is_inside_word(text: str, index: int) -> bool:
    return index < len(text) and text[index].isalnum()


def _checks(iban: str) -> bool:
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _code_kind(code: str) -> str | None:
    digits = sum(c.isdigit() for c in code)
    if digits < CODE_DIGITS or not any(c.isalpha() for c in code):
        return None
    if NATIONAL_WITH_LETTERS.fullmatch(code):
        return "NATIONAL_ID"
    return "NUMBER"


def _street_start(text: str, start: int, least: int) -> int:
    for _ in range(2):
        before = NAME_BEFORE.search(text, max(least, start - 33), start)
        if before is None:
            break
        start = before.start()
    return start
