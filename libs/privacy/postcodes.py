"""Postcodes with their towns, in the Nordic countries and in Britain."""

import re
from collections.abc import Iterator

from libs.privacy.lexicon import TOWN, WORD, known
from libs.privacy.recognizers import BLANK, FOLDED, KEPT, Finding

_NOT_TOWNS = r"(?!(?:nok|sek|dkk|eur|gbp|usd|kr|st|stk|kpl|og|och|ja|and)\b)"
_CAPITAL = r"(?-i:[A-ZÆØÅÄÖ])"
CITY = rf"{_NOT_TOWNS}{_CAPITAL}[^\W\d_]{{1,40}}+(?:[ -]{_CAPITAL}(?:[^\W\d_]{{1,40}}+|(?![\w.])))?"
CODE = r"(?:(?:N|NO|S|SE|DK|FI|FIN)-)?(?:\d{3} ?\d{2}|\d{4})(?!\d)"
_FREE = r"(?<![\w.-])(?<!\d[ -])"
_WORDS = r"post(?:nummer|nr|code|inumero|al code)"
POSTCODES = (
    re.compile(rf"{_FREE}(?!(?:19|20)\d\d\b)({CODE},? {CITY})(?!\w)", FOLDED),
    re.compile(rf"(?<={BLANK})[, ]{{1,2}}({CODE}(?: {CITY})?)", FOLDED),
    re.compile(
        rf"(?:{_WORDS}\w{{0,3}}|\bzip\w{{0,4}}|\b(?:bor i|asun|asuu|live in|i'm in))[^\w\n]{{0,3}}"
        rf"(?:(?:mitt|mit|my|er|är|on|is|det)[^\w\n]{{1,2}}){{0,2}}"
        rf"({CODE}(?: {CITY})?)(?! ?(?:kr|st|stk|kpl)\b)",
        FOLDED,
    ),
)
SMALL_TOWN = re.compile(rf"{_FREE}({CODE},? ([^\W\d_]{{2,30}}))(?!\w)", FOLDED)
TOWN_AFTER = re.compile(r",? ([^\W\d_]{2,30})(?!\w)")
DISTRICT = re.compile(r" (?:[KVØNSC]|NV|SV|k|v|ø|nv|sv|c)(?!\w)")
BRITISH = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)", FOLDED)
TOWN_BEFORE = re.compile(r"(?<!\w)([^\W\d_][\w'\u2019-]{1,30}),? $")
FEWEST = re.compile(r"\d\d|[A-Za-z]\d")
"""What every postcode has: two digits together, or one after a letter."""

ASKED = re.compile(rf"{_WORDS}|\bzip", FOLDED)
ANSWER = re.compile(rf"(?<![\w.-]){CODE}", FOLDED)


def postcodes(text: str, context: str) -> Iterator[Finding]:
    """A postcode with its town, after an address, after the word for it, or when the bot asked for it."""
    if not FEWEST.search(text):
        return
    for found in BRITISH.finditer(text):
        yield _town_before(text, found.start()), found.end(), "POSTCODE_CITY"
    for pattern in POSTCODES:
        hits = list(pattern.finditer(text))
        for found in hits:
            after_street = text[found.start()] in f" ,{BLANK}"
            end = _with_town(text, found.end(1), any_word=after_street)
            yield found.start(1), end, "POSTCODE_CITY"
        text = pattern.sub(lambda hit: KEPT * len(hit.group()), text) if hits else text
    for found in SMALL_TOWN.finditer(text):
        if known(found[2]) & TOWN:
            yield found.start(), _with_town(text, found.end(1)), "POSTCODE_CITY"
    if ASKED.search(context):
        for found in ANSWER.finditer(text):
            yield found.start(), found.end(), "POSTCODE_CITY"


def _with_town(text: str, end: int, *, any_word: bool = False) -> int:
    """The end of the town, and of its district, after a postcode that ends at `end`."""
    town = TOWN_AFTER.match(text, end)
    if town and (known(town[1]) & TOWN or (any_word and not known(town[1]) & WORD)):
        end = town.end()
    district = DISTRICT.match(text, end)
    return district.end() if district else end


def _town_before(text: str, start: int) -> int:
    """Where the town begins that stands before a British postcode; the postcode's start without one."""
    before = TOWN_BEFORE.search(text, max(0, start - 34), start)
    if before is None:
        return start
    town = before[1]
    capital = town[0].isupper() and before.start() > 0
    return before.start() if capital or known(town) & TOWN else start
