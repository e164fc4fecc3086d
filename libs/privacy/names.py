"""Names after the words that announce them. A gazetteer comes later; most bare names pass for now."""

import re
from collections.abc import Iterator

from libs.privacy.recognizers import FOLDED, Finding

STRONG = re.compile(
    r"\b(?:jeg heter|eg heiter|jag heter|jeg hedder|(?:navnet mitt|mitt navn|mit navn|navnet) er"
    r"|(?:mitt namn|namnet) är|(?:minun |mun )?nim(?:eni|i) on|(?:my |the )?name(?: is|'s)"
    r"|navn|namn|nimi|name)(?:\s*+:\s*+|\s++)",
    FOLDED,
)
"""What follows is a name, however it is written."""

WEAK = re.compile(
    r"\b(?:jeg er|jag är|olen|mä oon|i'm|i am|this is|her er|här är|på vegne av|hilsen|mvh|vh"
    r"|hälsningar|hälsning|hilsener|terveisin|terv|regards|cheers|sincerely)[ ,.:!\n-]{1,3}",
    FOLDED,
)
"""What follows is a name if it is written like one."""

HERE = re.compile(
    r"\b(?:hei|heisann|hej|hejsan|moi|hi|hello|det er|det är|this is)[,! ]{1,3}", FOLDED
)
HERE_AFTER = re.compile(r"\s(?:her|här|täällä|here)\b", FOLDED)

ASKED = re.compile(
    r"\b(?:navn|namn|nimi|nimesi|name|hva heter du|vad heter du|hvad hedder du)\b", FOLDED
)

WORD = re.compile(r"[^\W\d_]++(?:[-'][^\W\d_]++)*+")
GAP = re.compile(r"(?: |\. |\.)(?=[^\W\d_])")
LONGEST = 4
"""Words in a name, at most."""

PARTICLES = frozenset({"af", "av", "de", "den", "der", "di", "la", "van", "von", "el", "al"})
NOT_NAMES = frozenset({
    "og", "och", "ja", "and", "men", "mutta", "but", "fra", "från", "from", "med", "with", "er", "är",
    "on", "is", "ikke", "inte", "not", "det", "den", "som", "så", "jeg", "jag", "minä", "i", "you",
    "du", "har", "vil", "vill", "haluan", "want", "trenger", "på", "til", "till", "to", "for", "om",
    "skal", "ska", "kan", "the", "a", "en", "et", "ett", "under", "hos", "også", "min", "mitt", "mine",
})  # fmt: skip


def names(text: str, context: str) -> Iterator[Finding]:
    """Names that a cue announces, and the whole answer when the bot asked for a name."""
    if ASKED.search(context) and (answer := _bare_answer(text)):
        yield answer
        return
    done = 0
    for start, loose in sorted(_places(text)):
        if start < done:
            continue
        end = _name_end(text, start, loose=loose)
        if end > start:
            done = end
            yield start, end, "PERSON"


def _places(text: str) -> Iterator[tuple[int, bool]]:
    yield from ((cue.end(), True) for cue in STRONG.finditer(text))
    yield from ((cue.end(), False) for cue in WEAK.finditer(text))
    for cue in HERE.finditer(text):
        if HERE_AFTER.match(text, _name_end(text, cue.end(), loose=False)):
            yield cue.end(), False


def _name_end(text: str, start: int, *, loose: bool) -> int:
    """The end of the name at `start`; `start` itself when there is none."""
    position, end, lower_words = start, start, 0
    for _ in range(LONGEST):
        word = WORD.match(text, position)
        if word is None or word.group().lower() in NOT_NAMES - PARTICLES:
            break
        capital = word.group()[0].isupper()
        if not capital and word.group() not in PARTICLES:
            lower_words += 1
            if not loose or lower_words > 2:  # noqa: PLR2004 - first name and surname
                break
        if capital or word.group() not in PARTICLES:
            end = word.end()
        gap = GAP.match(text, word.end())
        if gap is None:
            break
        position = gap.end()
    return end


def _bare_answer(text: str) -> Finding | None:
    answer = text.strip()
    words = answer.split()
    if not 0 < len(words) <= LONGEST or not all(WORD.fullmatch(w.rstrip(".,!")) for w in words):
        return None
    start = text.index(answer)
    return start, start + len(answer), "PERSON"
