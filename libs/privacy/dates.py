"""Days as people write them, in five languages; relative days stay words, as nothing here has a clock."""

import re
from collections.abc import Iterator
from datetime import date

from libs.privacy.digits import needs_digits

FOLDED = re.IGNORECASE
MONTHS, DAYS = 12, 31
CENTURY = 100

DATE = re.compile(
    r"(?<![\d.-])(?:\d{1,2}[./-] ?\d{1,2}[./-] ?((?:19|20)\d\d)|((?:19|20)\d\d)-\d{2}-\d{2})(?![\d-])"
)
NUMERIC = re.compile(
    r"(?<![\d.,/+-])(?<!\d )(?:(?P<d>\d{1,2})(?P<s>[./-]) ?(?P<m>\d{1,2})(?P=s) ?(?P<y>(?:19|20)?\d\d)"
    r"|(?P<y2>(?:19|20)\d\d)(?P<s2>[./-])(?P<m2>\d{1,2})(?P=s2)(?P<d2>\d{1,2})"
    r"|(?P<d5>\d{1,2})/(?P<m5>\d{1,2})[ -](?P<y5>(?:19|20)\d\d)"
    r"|(?P<d4>\d{1,2}) (?P<m4>\d{1,2}) (?P<y4>(?:19|20)\d\d)"
    r"|(?P<d3>\d{1,2})[./](?P<m3>\d{1,2})\.?)"
    r"(?!\d|,\d|[/:%]|-\d|\.\d| ?(?:kr|nok|sek|dkk|eur|€|cm|mm|kg|x|:-)|[^\W\d_])",
    FOLDED,
)
MONTH = (
    r"(?:jan|feb|mar|apr|mai|maj|may|jun|jul|aug|sep|okt|oct|nov|des|dec"
    r"|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)[^\W\d_]{0,10}+"
)
WRITTEN_DATE = re.compile(
    rf"(?<!\d)(?:\d{{1,2}}(?:\.|st|nd|rd|th|:[ea])? (?:of )?{MONTH}\.?"
    rf"|\b{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?),?"
    r" ((?:19|20)\d\d)(?!\d)",
    FOLDED,
)
_STEMS = (
    "jan(?:uar[iy]?)?|tammikuu?", "feb(?:ruar[iy]?)?|helmikuu?", "mar(?:s|ts|ch)?|maaliskuu?",
    "apr(?:il)?|huhtikuu?", "ma[ijy]|toukokuu?", "jun[ie]?|juni|kes[aä]kuu?",
    "jul[iy]?|hein[aä]kuu?",
    "aug(?:ust[i]?)?|elokuu?", "sept?(?:ember)?|syyskuu?", "okt(?:ober)?|oct(?:ober)?|lokakuu?",
    "nov(?:ember)?|marraskuu?", "de[sc](?:ember)?|joulukuu?",
)  # fmt: skip
_ENDING = r"(?:n|ta|ssa|lla|hun|s)?\b\.?"
_NAMED = "|".join(f"(?P<n{number}>{stems})" for number, stems in enumerate(_STEMS, 1))
_YEAR = r"(?:,? (?P<year>(?:19|20)\d\d)\b)?"
WITH_MONTH = re.compile(
    rf"(?<![\d.,-])(?P<day>\d{{1,2}})(?:st|nd|rd|th|:[ea]|\.)? ?(?:of )?(?:{_NAMED}){_ENDING}{_YEAR}",
    FOLDED,
)
MONTH_FIRST = re.compile(
    rf"\b(?:{_NAMED}){_ENDING} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d|:\d){_YEAR}",
    FOLDED,
)
WEEK = re.compile(r"\b(?:uke|vecka|week|uge|viik(?:ko|olla|on))[ .]{1,2}(\d{1,2})\b", FOLDED)

_NEXT = r"neste|nästa|næste|ensi|next|kommende|kommande|førstkommende"
_LAST = r"forrige|förra|sidste|viime|last|i sist[ae]?|sist"
_WEEKDAYS = {
    "monday": "mandag|måndag|mandag|maanantai|monday", "tuesday": "tirsdag|tisdag|tiistai|tuesday",
    "wednesday": "onsdag|keskiviik(?:ko|o)|wednesday", "thursday": "torsdag|torstai|thursday",
    "friday": "fredag|perjantai|friday", "saturday": "l[øöo]rdag|lauantai|saturday",
    "sunday": "s[øöo]ndag|sunnuntai|sunday",
}  # fmt: skip
_WEEKDAY_ENDING = r"(?:e[nr]s?|s|ene?|arna?|na|n|ksi|hin|sta|ta|ina|isin|lle)?\b"
WEEKDAY = re.compile(
    rf"\b(?:(?P<next>{_NEXT}) |(?P<last>{_LAST}) )?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _WEEKDAYS.items())
    + f"){_WEEKDAY_ENDING}",
    FOLDED,
)
_RELATIVE = {
    "day_after_tomorrow": r"i ?over ?i?morgen|i ?övermorgon|i overmorgen|ylihuome\w{1,3}"
    r"|the day after tomorrow",
    "day_before_yesterday": r"i ?forg[åa]rs|i ?förrgår|toissapäivänä|the day before yesterday",
    "today": r"i ?dag|tänään|tanaan|today|idag|tonight|i kveld|ikväll|i aften|tänä iltana",
    "tomorrow": r"i ?morgen|i ?morr?[ao]n|i ?morgon|imorra|huome\w{1,3}|tomorrow",
    "yesterday": r"i ?g[åa]r|eilen|eilinen|yesterday",
}
RELATIVE = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _RELATIVE.items()) + r")\b",
    FOLDED,
)


def dates(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and value of every day: ISO, `--MM-DD` without a year, or a word (`next friday`)."""
    done: list[tuple[int, int]] = []
    for found, value in (*_numeric(text), *_named(text), *_spoken(text)):
        if value and not any(start < found.end() and found.start() < end for start, end in done):
            done.append(found.span())
            yield found.start(), found.end(), value


def is_date(found: "re.Match[str]") -> bool:
    """Whether a match of DATE has a possible day and month."""
    parts = [int(part) for part in re.findall(r"\d+", found.group())]
    small = sorted(part for part in parts if part < CENTURY)
    return len(small) == 2 and 1 <= small[0] <= MONTHS and small[1] <= DAYS  # noqa: PLR2004 - day and month


@needs_digits
def _numeric(text: str) -> Iterator[tuple["re.Match[str]", str | None]]:
    for found in NUMERIC.finditer(text):
        groups = {name[0]: value for name, value in found.groupdict().items() if value}
        yield found, _iso(groups.get("y"), int(groups["m"]), int(groups["d"]))


@needs_digits
def _named(text: str) -> Iterator[tuple["re.Match[str]", str | None]]:
    for pattern in (WITH_MONTH, MONTH_FIRST):
        for found in pattern.finditer(text):
            month = next(n for n in range(1, MONTHS + 1) if found[f"n{n}"])
            yield found, _iso(found["year"], month, int(found["day"]))
    for found in WEEK.finditer(text):
        yield found, f"W{int(found[1]):02}"


def _spoken(text: str) -> Iterator[tuple["re.Match[str]", str | None]]:
    for found in RELATIVE.finditer(text):
        yield found, str(found.lastgroup)
    for found in WEEKDAY.finditer(text):
        day = next(name for name in _WEEKDAYS if found[name])
        yield found, f"{'next ' if found['next'] else 'last ' if found['last'] else ''}{day}"


def _iso(year: str | None, month: int, day: int) -> str | None:
    """The day in ISO 8601, if there is such a day (in a leap year, where none is given)."""
    written = int(year) if year else 2000
    full = written + 2000 if written < CENTURY else written
    try:
        value = date(full, month, day)
    except ValueError:
        return None
    return value.isoformat() if year else value.strftime("--%m-%d")
