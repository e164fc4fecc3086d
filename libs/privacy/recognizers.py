"""Recognizers of things with a form: links, e-mail, network addresses, accounts; each yields its places.

Patterns use possessive quantifiers and bounded repeats, and start only at the edge of a word, so that
no text can make them slow.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from libs.privacy.digits import needs_digits
from libs.privacy.mails import mails

Finding = tuple[int, int, str]
Recognizer = Callable[[str, str], Iterator[Finding]]

BLANK = "\ufffc"
"""Stands where something is masked already; no pattern matches it."""

KEPT = "\ufffd"
"""Stands, within one recognizer, where it is done already or has found something harmless."""

KINDS = (
    "URL_TOKEN", "EMAIL", "IP", "IBAN", "PAYMENT_CARD", "NATIONAL_ID", "PHONE", "ORDER_NUMBER",
    "TRACKING_NUMBER", "DATE_OF_BIRTH", "NUMBER", "ADDRESS", "POSTCODE_CITY", "USERNAME", "PERSON",
    "UNKNOWN",
)  # fmt: skip
"""Every kind of thing that is masked; NUMBER is a long number that nothing explains, UNKNOWN a word that
only the strict masking takes, as nothing says that it is harmless."""

FOLDED = re.IGNORECASE

LINK = re.compile(rf'[^\s<>"{BLANK}]++')
SECRET_NAMES = (
    "token",
    "key",
    "sig",
    "secret",
    "auth",
    "session",
    "code",
    "kod",
    "koodi",
    "reset",
    "otp",
    "mail",
    "pass",
)

SECRET_LEAST, RANDOM_LEAST = 4, 12
"""Characters of a named secret, and of a random part of a path, at least."""

IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,8}+[0-9a-f]{0,4}(?:\.\d{1,3}){0,3}+(?![\w:])", FOLDED
)
IPV6_LEAST = 4
VERSION = re.compile(
    r"\b(?:v|ver|versi?on\w*|versjon\w*|versio\w*|firmware|fw|ios|app|appen|android|windows|software|programvare"
    r"|programvara|mjukvara|\w*ohjelmisto|build|update|oppdatering|uppdatering|opdatering|päivitys)\b"
    rf"[^\d\n{BLANK}]{{0,24}}$",
    FOLDED,
)
"""What stands before a number with dots that counts changes of a program."""

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


def links(text: str, _context: str) -> Iterator[Finding]:
    """Links that carry a secret: a token, a key, a long random part."""
    if "://" not in text and "?" not in text and "www." not in text.lower():
        return
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
    if text.count(".") + text.count(":") < 2:  # noqa: PLR2004 - "::1" has the fewest
        return
    for found in IPV4.finditer(text):
        if _is_address(found.group()) and not VERSION.search(_left(text, found.start())):
            yield found.start(), found.end(), "IP"
    for found in IPV6.finditer(text):
        if _is_address(found.group()) and len(found.group().strip(":")) >= IPV6_LEAST:
            yield found.start(), found.end(), "IP"


@needs_digits
def ibans(text: str, _context: str) -> Iterator[Finding]:
    """Account numbers: the length of their country, or a right checksum."""
    done = 0
    for found in IBAN_START.finditer(text):
        end = _iban_end(text, found.start()) if found.start() >= done else None
        if end:
            done = end
            yield found.start(), end, "IBAN"


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
