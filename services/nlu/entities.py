"""What stands in a message besides its topic: order numbers however they are typed, and corrections."""

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_DAY, _MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])"
_DATE = re.compile(
    rf"(?<![0-9])(?<![0-9][./-])(?:{_DAY}[./-]{_MONTH}[./-](?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|[0-9]{{4}}-{_MONTH}-{_DAY})(?![./-]?[0-9])"
)
_PHONE = re.compile(
    r"(?:\+|\b00|\b(?:tlf|telefon|tel|mob|mobil|mobile|phone|puh|puhelin)\b[^0-9+]{0,12})"
    r"[0-9](?:[ .-]?[0-9])*", re.IGNORECASE,
)  # fmt: skip
_RUN = re.compile(r"(?<![0-9+])[0-9](?:[ \t]?[.\-/\u2013]?[ \t]?[0-9])*")
_OTHER_ORDER = re.compile(
    r"\b(?:andre|annen|annet|andra|annan|anden|andet|feil|fel|forkert|galt"
    r"|toinen|toista|toisen|väärä|vaara|other|another|different|wrong)\b", re.IGNORECASE,
)  # fmt: skip

LIKE_A_NUMBER = 4
"""So many digits and the visitor means a number, though not one of ours."""


@dataclass(frozen=True)
class Entities:
    """What was found; `number_like` says that digits stood there, whether or not they fit."""

    order_number: str | None = None
    number_like: bool = False
    other_order: bool = False


def plain(text: str) -> str:
    """The text in one form: full-width digits and letters narrowed, invisible characters gone."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def find_entities(text: str, pattern: str | None) -> Entities:
    """The last number that fits `pattern`: in "not 1…, but 2…" it is the second that is meant."""
    normal = plain(text)
    runs = _RUN.findall(_PHONE.sub(" ", _DATE.sub(" ", normal)))
    fitting = [number for run in runs for number in _numbers(run, pattern)] if pattern else []
    return Entities(
        order_number=fitting[-1] if fitting else None,
        number_like=any(sum(char.isdigit() for char in run) >= LIKE_A_NUMBER for run in runs),
        other_order=bool(_OTHER_ORDER.search(normal)),
    )


def _numbers(run: str, pattern: str) -> list[str]:
    """A run read as one number with separators in it, or else as several whole numbers."""
    whole = re.sub(r"[^0-9]", "", run)
    if re.fullmatch(pattern, whole):
        return [whole]
    return [part for part in run.split() if re.fullmatch(pattern, part)]
