"""Streets with their numbers: by their endings, after words for them, before a postcode, or as an answer."""

import re
from collections.abc import Iterator

from libs.privacy.digits import DIGIT
from libs.privacy.recognizers import BLANK, FOLDED, KEPT, Finding
from libs.privacy.wordlists import sections

_LISTS = sections("streets")
STREET_ENDS, CAPITAL_ENDS = _LISTS["ends"], _LISTS["capital ends"]
_ENGLISH, _ENGLISH_CAPITALS = "|".join(_LISTS["english"]), "|".join(_LISTS["english capitals"])

BEFORE_NUMBER = re.compile(r"(?<![\w-])[^\W\d_]{2,40}+(?=,?\s{1,2}\d)")

_SIDE = r"(?:tv|th|mf)\b\.?"
_FLOOR = (
    rf"\d{{1,2}}\.? ?(?:(?:sal|etg|etasje|vån|tr|krs)\b\.?(?:,? ?{_SIDE})?|{_SIDE})|st\.? ?{_SIDE}"
)
_DOOR = (
    r"lgh\.? ?\d{1,4}|H\d{4}|(?:as|bost|leil|leilighet|lägenhet|apt|flat|rappu)\b\.? ?\d{1,4}"
    r"|(?-i:[A-Z])(?: ?\d{1,3})?(?![\w-])"
)
_UNITS = r"kr|€|£|%|cm|mm|kg|st(?!\.? ?(?:tv|th|mf))|stk|kpl|dager|dagar|dage|päivää|days"
NUMBER = (
    r"\d{1,4}+(?:(?:[A-Za-z]|\s(?-i:[A-Za-h]))(?![\w-])(?:\s\d{1,3}(?![\w]))?)?(?:[-/]\d{1,4}+)?(?!\w|[.,]\d)"
    rf"(?! ?(?:{_UNITS})\b)(?:,?\s{{1,2}}(?:{_FLOOR}|{_DOOR}))*+"
)
HOUSE = re.compile(rf",?\s{{1,2}}{NUMBER}", FOLDED)
NAME_BEFORE = re.compile(r"(?<![\w-])[A-ZÆØÅÄÖÉ][\w'-]{0,30}\.?\s$")

_WORD = r"[^\W\d_][\w'\u2019-]{0,30}+"
ENGLISH = re.compile(
    rf"(?<!\w)(?:(?:flat|apt|apartment|unit)\.? \w{{1,4}},? )?\d{{1,4}}[A-Za-z]?,?\s"
    rf"(?:{_WORD}\.?\s){{0,2}}{_WORD}\s(?:{_ENGLISH}|(?-i:{_ENGLISH_CAPITALS}))\b\.?",
    FOLDED,
)
_TITLED = r"(?-i:[A-ZÆØÅÄÖ])[\w'\u2019-]{1,30}\.?"
COTTAGE = re.compile(
    rf"(?<!\w)(?:{_TITLED} ){{1,3}}(?-i:Cottage|House|Farm|Barn|Lodge|Mill|Hall),? (?:{_TITLED} ){{1,2}}"
    rf"(?-i:{_ENGLISH.title()}|{_ENGLISH_CAPITALS})\b",
    FOLDED,
)
_STOPS = (
    r"(?!(?:nr|no|nummer|numero|og|och|and|ja|men|but|mutta|med|with|har|jeg|jag|i|på|the|my|min|vi|we"
    r"|er|är|is|on|for|om|til|till|to|det|den|nå|nu|now|kan|ca|cirka)\b)"
)
_NAMES = rf"{_STOPS}{_WORD}\.?(?:\s{_STOPS}{_WORD}\.?){{0,3}}"
_CUES = (
    r"bor (?:på|ved|i|hos)|bosatt (?:på|i)|flytt(?:et|at|a) (?:til|till)|moved to|live (?:at|in|on)"
    r"|adress\w{0,4}(?: (?:min|mi|vår))?(?: (?:er|är|til|till))?|address(?: is| to)?"
    r"|osoit(?:e|teessa|teeseen|teeni|teemme)\w{0,4}(?: (?:on|vaihtui))?|asu[nu](?: osoitteessa)?"
)
CUED = re.compile(rf"\b(?:{_CUES})\s?:?\s(?P<street>{_NAMES},?\s{NUMBER})", FOLDED)
_NORDIC_CODE = r"(?:[A-Z]{1,3}-)?(?:\d{3} ?\d{2}|\d{4})"
BEFORE_POSTCODE = re.compile(
    rf"(?<![\w-])(?P<street>{_TITLED}(?:\s[\w'\u2019-]{{2,30}}\.?){{0,3}}\s{NUMBER}),?\s{{1,2}}"
    rf"(?={_NORDIC_CODE}\s(?!(?:kr|kroner|kronor|nok|sek|dkk|eur|euroa?|stk?|kpl|gram|meter|og|och|ja|and)\b)[^\W\d_]{{2}})"
)
SHORTENED = re.compile(
    r"(?<![\w-])(?:[A-ZÆØÅÄÖ][^\W\d_]{2,20}(?:v|vn|vg|g|gt|gr|al)\.\s?"
    rf"|(?i:postboks|postbox|po box|p\.o\. box)\s|(?:PB|PL|Box|Boks|Pb)\.?\s){NUMBER}"
)
"""Streets and boxes that are cut short: "Kirkev. 3", "PB 88"."""

ASKED = re.compile(r"adress|osoit|where do you live|hvor bor|var bor", FOLDED)
NOT_ASKED = re.compile(r"e-?post|e-?mail|mejl|mail|sähköposti|\bip\b", FOLDED)
ANSWER = re.compile(
    rf"\s*(?P<street>[^\n?!{BLANK}]{{2,80}}?)(?=,?\s{{1,2}}{_NORDIC_CODE}(?!\d)"
    rf"|,?\s[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}|,?\s?{BLANK}|\s*$)",
    FOLDED,
)


def addresses(text: str, context: str) -> Iterator[Finding]:
    """A street and its number, with the words before that belong to the street's name."""
    answer = _answer(text, context)
    if answer:
        yield *answer, "ADDRESS"
        text = text[: answer[0]] + KEPT * (answer[1] - answer[0]) + text[answer[1] :]
    if not DIGIT.search(text) and not COTTAGE.search(text):
        return
    for pattern in (CUED, BEFORE_POSTCODE):
        for found in pattern.finditer(text):
            yield *found.span("street"), "ADDRESS"
    for pattern in (COTTAGE, ENGLISH, SHORTENED):
        hits = [found.span() for found in pattern.finditer(text)]
        yield from ((*span, "ADDRESS") for span in hits)
        text = pattern.sub(lambda hit: KEPT * len(hit.group()), text) if hits else text
    yield from _by_ending(text)


def _answer(text: str, context: str) -> tuple[int, int] | None:
    """Where the answer is that the bot asked for."""
    if not ASKED.search(context) or NOT_ASKED.search(context):
        return None
    found = ANSWER.match(text)
    return found.span("street") if found and _is_street(found["street"]) else None


def _is_street(answer: str) -> bool:
    """Whether an answer tells where, not that somebody does not know."""
    return bool(re.search(r"\d", answer)) or all(word[0].isupper() for word in answer.split())


def _by_ending(text: str) -> Iterator[Finding]:
    done = 0
    for word in BEFORE_NUMBER.finditer(text):
        name = word.group().lower()
        if word.start() < done or not _may_be_street(word.group(), name):
            continue
        start = _street_start(text, word.start(), done)
        house = HOUSE.match(text, word.end())
        if house and (start < word.start() or name not in STREET_ENDS):
            done = house.end()
            yield start, done, "ADDRESS"


def _may_be_street(word: str, lower: str) -> bool:
    return lower.endswith(STREET_ENDS) or (word[0].isupper() and lower.endswith(CAPITAL_ENDS))


def _street_start(text: str, start: int, least: int) -> int:
    for _ in range(3):
        before = NAME_BEFORE.search(text, max(least, start - 34), start)
        if before is None:
            break
        start = before.start()
    return start
