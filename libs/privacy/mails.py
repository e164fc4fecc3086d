"""E-mail addresses as people type them: also with `at`, `dot` and other signs spelled out."""

import re
from collections.abc import Iterator

FOLDED = re.IGNORECASE
KEPT = "\ufffd"

TOP = (
    "no|se|dk|fi|com|net|org|info|example|test|eu|uk|de|io|me|nu|is|ax|shop|online|email|mail|name"
)
"""Ends of addresses that are known well enough to be told from the next sentence's first word."""

MAIL = re.compile(
    r"(?<![\w.+%'-])[\w.+%'-]++\s?+@\s?+[\w-]++"
    rf"(?:(?:\.[\w-]++)++|(?:\ \.\ ?|\.\ |,)(?:{TOP})\b)",
    FOLDED,
)  # fmt: skip

DOTS = r"dot|punktum|punkt|prikk|prick|piste|pkt"
LINES = r"underscore|understre[kg]|understreck|alaviiva"
DASHES = r"hyphen|dash|bindestre[kg]|bindestreck|tankestrek|minus|väliviiva|yhdysmerkki|viiva"
PLUSES = r"plus|pluss"
SIGNS = {".": DOTS, "_": LINES, "-": DASHES, "+": PLUSES}

CLEAR_AT = (
    r"@|kr(?:ø|o|oe)ll[ -]?alfa|alfa[ -]?kr(?:ø|o|oe)ll|snabel[ -]?a|snabla|kanelbulle|kanel"
    r"|\bät(?:[ -]?merkki)?\b|\bat[ -](?:merkki|tegn|tecken)\b|miuku(?:mauku)?|kissanhäntä|apinanhäntä"
)
AT = rf"(?:\s*+[(\[{{<]?\s*+(?:{CLEAR_AT}|\bat\b|\bätt\b)\s*+[)\]}}>]?\s*+|\s*+[(\[{{<]\s?a\s?[)\]}}>]\s*+)"


def _spelled(words: str, sign: str) -> str:
    """A sign as itself between letters, in brackets, or as a word between blanks."""
    return (
        rf"(?:\s{{0,2}}+[(\[{{<]\s?(?:{words}|{sign})\s?[)\]}}>]\s{{0,2}}+"
        rf"|\s{{1,2}}+(?:{words})\s{{1,2}}+|\s{sign}\s|{sign})"
    )


_AT_SIGNS = (
    "@",
    "alfa",
    "snab",
    "kanel",
    "at",
    "ät",
    "miuku",
    "kissanh",
    "apinanh",
    "(a",
    "[a",
    "{a",
    "<a",
    "( a",
    "[ a",
    "{ a",
    "< a",
)
"""One of these is in every address that is spelled out."""

DOT = _spelled(DOTS, r"\.")
JOIN = _spelled("|".join(SIGNS.values()), r"\.")
NAME_PART = r"[\w+%'-]{1,64}+"
SPELLED = re.compile(
    rf"(?<![\w.+%'-])({NAME_PART}(?:{JOIN}{NAME_PART}){{0,4}}+)({AT})({NAME_PART}(?:{JOIN}{NAME_PART}){{1,4}}+)(?!{AT}{NAME_PART}{JOIN})",
    FOLDED,
)
"""What follows may be no second `at`: in "reach me at kari dot berg at ..." the first is a word."""

DOTLESS = re.compile(
    rf"(?<![\w.+%'-])({NAME_PART}(?:{JOIN}{NAME_PART}){{0,4}}+)\s++(?:{CLEAR_AT})\s++"
    rf"([\w-]{{2,40}}+\ (?:{TOP}))\b",
    FOLDED,
)
"""The dot left out: "kari krøllalfa eksempel no"; only after a word that means nothing but @."""

ARTICLE = re.compile(r"(?:the|a|an|en|et|ett|den|det|this|that)\b", FOLDED)
ENDING = re.compile(r"[^\W\d_]{2,}$")
PROVIDERS = ("gmail", "hotmail", "outlook", "yahoo", "icloud", "live", "proton", "online")
CUE = re.compile(
    r"(?:e-?post|e-?mail|mail|mejl|mejla|epost|sähköposti|sposti|meili|adress?e?n?|osoite)\w*\W{0,3}(?:\w+\W{1,3}){0,3}$",
    FOLDED,
)
EDGES = "'.-+%"
_SIGN_WORDS = tuple(
    (sign, re.compile(rf"\s*[(\[{{<]?\s*\b(?:{words})\b\s*[)\]}}>]?\s*", FOLDED))
    for sign, words in SIGNS.items()
)
_AT = re.compile(AT, FOLDED)


def mails(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and plain form of every address; those with words for signs too."""
    rest = list(text)
    for found in MAIL.finditer(text) if "@" in text else ():
        start = found.start() + len(found.group()) - len(found.group().lstrip(EDGES))
        end = found.end() - len(found.group()) + len(found.group().rstrip("-'"))
        rest[found.start() : found.end()] = KEPT * len(found.group())
        # A comma for the dot is a slip of the thumb.
        plain = re.sub(r"\s", "", text[start:end]).replace(",", ".")
        yield start, end, plain.casefold()
    yield from _spelled_mails("".join(rest))


def _spelled_mails(text: str) -> Iterator[tuple[int, int, str]]:
    lower = text.lower()
    if not any(sign in lower for sign in _AT_SIGNS):
        return
    rest = text
    for found in SPELLED.finditer(text):
        if _is_mail(found):
            start = found.start(1) + len(found[1]) - len(found[1].lstrip(EDGES))
            end = found.end() - len(found.group()) + len(found.group().rstrip(EDGES))
            rest = rest[:start] + KEPT * (end - start) + rest[end:]
            yield start, end, f"{_plain(found[1])}@{_plain(found[3])}"
    for found in DOTLESS.finditer(rest):
        yield found.start(), found.end(), f"{_plain(found[1])}@{_plain(found[2].replace(' ', '.'))}"


def _plain(part: str) -> str:
    for sign, words in _SIGN_WORDS:
        part = words.sub(sign, part)
    return re.sub(r"[\s()\[\]{}<>]", "", part).strip(EDGES).casefold()


def _is_mail(found: "re.Match[str]") -> bool:
    """`at` is also a common word: it needs a bracket, a spelled dot, or a plain sign of an address."""
    local, at, domain = found[1], found[2], found[3]
    if ARTICLE.match(domain) or not ENDING.search(domain) or not re.search(r"[^\W\d]", local):
        return False
    if at.strip().casefold() != "at":
        return True
    provider = domain.lower().startswith(PROVIDERS)
    spelled = re.search(r"[^\w.-]\w+[^\w.-]", domain) or re.search(r"[._]|\s", local)
    return bool(
        spelled or provider or CUE.search(found.string[max(0, found.start() - 40) : found.start()])
    )
