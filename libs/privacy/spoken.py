"""Numbers spelled out digit by digit, or in pairs, in five languages: "ett null fire åtte"."""

import re
from collections.abc import Iterator
from itertools import product

_DIGITS = (
    "null noll nul nolla zero oh nought", "en ett et ein eitt én ét yksi yks one",
    "to två tva tvo kaksi kaks two", "tre kolme kolm three",
    "fire fyra fyre neljä nelja four", "fem viisi viis five", "seks sex kuusi kuus six",
    "sju syv seitsemän seitsemän seittemän seitsemaen seitseman seven",
    "åtte atte åtta atta otte kahdeksan kaheksan eight",
    "ni nio yhdeksän yheksän yhdeksan nine",
)  # fmt: skip
_TEENS = (
    "ti tio kymmenen ten", "elleve elva yksitoista eleven", "tolv kaksitoista twelve",
    "tretten tretton kolmetoista thirteen", "fjorten fjorton neljätoista fourteen",
    "femten femton viisitoista fifteen", "seksten sexton kuusitoista sixteen",
    "sytten sjutton seitsemäntoista seventeen", "atten arton kahdeksantoista eighteen",
    "nitten nitton yhdeksäntoista nineteen",
)  # fmt: skip
_TENS = (
    ("tjue tyve tjugo twenty", "tretti tredive trettio thirty", "førti fyrre förti fyrtio forty",
     "femti halvtreds femtio fifty", "seksti tres sextio sixty", "sytti halvfjerds sjuttio seventy",
     "åtti firs åttio eighty", "nitti halvfems nittio ninety")
)  # fmt: skip
_FINNISH = [
    "kahta",
    "kaksi",
    "kolme",
    "neljä",
    "viisi",
    "kuusi",
    "seitsemän",
    "kahdeksan",
    "yhdeksän",
]


def _table() -> dict[str, str]:
    """Every word and the digits it stands for."""
    table = {word: str(digit) for digit, words in enumerate(_DIGITS) for word in words.split()}
    table |= {word: str(10 + n) for n, words in enumerate(_TEENS) for word in words.split()}
    units = [(word, digit) for word, digit in table.items() if len(digit) == 1 and digit != "0"]
    for ten, words in enumerate(_TENS, 2):
        for word, (unit, digit) in product(words.split(), units):
            forms = (f"{word}{unit}", f"{word}-{unit}", f"{unit}og{word}")
            table |= dict.fromkeys(forms, f"{ten}{digit}")
        table |= dict.fromkeys(words.split(), f"{ten}0")
    for ten, word in enumerate(_FINNISH[1:], 2):
        table |= {f"{word}kymmentä{unit}": f"{ten}{digit}" for unit, digit in units}
        table[f"{word}kymmentä"] = f"{ten}0"
    return table


VALUES = _table()
LEAST_WORDS = 4
"""So many number words in a row spell a number; fewer are just words."""

_PIECE = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)?+|\d++")
_WORDS = re.compile(r"[\W\d_]+")
_BETWEEN = re.compile(r"[ \t]{0,2}[,.\-]{0,3}[ \t]{0,2}")


def spoken(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and digits of every number that is spelled out; figures may stand among the words."""
    if sum(word in VALUES for word in _WORDS.split(text.casefold())) < LEAST_WORDS:
        return
    run: list[tuple[int, int, str, bool]] = []
    for piece in _PIECE.finditer(text):
        parts = _values(piece)
        if run and (not parts or not _BETWEEN.fullmatch(text, run[-1][1], piece.start())):
            yield from _whole(run)
            run = []
        run += parts
    yield from _whole(run)


def _values(piece: "re.Match[str]") -> list[tuple[int, int, str, bool]]:
    word = piece.group().casefold()
    if word.isdecimal():
        return [(*piece.span(), word, False)]
    if word in VALUES:
        return [(*piece.span(), VALUES[word], True)]
    left, dash, right = word.partition("-")
    if dash and left in VALUES and right in VALUES:
        return [(*piece.span(), VALUES[left] + VALUES[right], True)]
    return []


def _whole(run: list[tuple[int, int, str, bool]]) -> Iterator[tuple[int, int, str]]:
    if sum(is_word for *_, is_word in run) >= LEAST_WORDS:
        yield run[0][0], run[-1][1], "".join(digits for _, _, digits, _ in run)
