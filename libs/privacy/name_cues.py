"""Words around names, in five languages: what announces one, what follows one, what is never part of one."""

import re
from collections.abc import Sequence

from libs.privacy.tokens import Token
from libs.privacy.wordlists import sections

FOLDED = re.IGNORECASE

STRONG, SIGNED, WEAK, FAINT = 4, 3, 2, 1
"""How much a cue says: a name whatever it looks like; a signature, if one is left at the end; a name if it
has a capital; a name if it has a capital and is known as one."""

_STRENGTHS = {
    "known": (FAINT, False), "capitalised": (WEAK, False), "signed": (SIGNED, False),
    "heading": (STRONG, True), "named": (STRONG, False),
}  # fmt: skip
"""How much the cues of each section say, and whether a colon must follow them."""

_LISTS = sections("name_cues")

ASKING = frozenset({"hva", "vad", "hvad", "hvordan", "hur", "what", "mikä", "hvem", "vem", "who"})
"""What is called so is a thing that somebody asks for: "vad heter huvudstaden"."""

_BETWEEN = frozenset(" ,.:!\n-")
_MOST_BETWEEN = 3
_MOST_ADJECTIVES = 4

_Phrase = tuple[tuple[str, ...], int, bool]


def _table() -> dict[str, list[_Phrase]]:
    """The cues by their first word: the others, the strength, and whether a colon must follow."""
    table: dict[str, list[_Phrase]] = {}
    for section, (strength, colon) in _STRENGTHS.items():
        for phrase in _LISTS[section]:
            first, *others = phrase.split()
            table.setdefault(first, []).append((tuple(others), strength, colon))
    return table


_CUES = _table()


def cues(text: str, words: Sequence[Token]) -> dict[int, int]:
    """The words that a cue announces, by index, and how strong it is."""
    plain = [word.text.lower().replace("\u2019", "'") for word in words]
    found: dict[int, int] = {}
    for index, word in enumerate(plain):
        for others, strength, colon in _CUES.get(word, ()):
            after = index + 1 + len(others)
            if after >= len(words) or tuple(plain[index + 1 : after]) != others:
                continue
            if _announces(text[words[after - 1].end : words[after].start], colon=colon) and not (
                index and plain[index - 1] in ASKING
            ):
                place = _past_adjectives(words, after) if strength == SIGNED else after
                found[place] = max(strength, found.get(place, 0))
    return found


def _announces(between: str, *, colon: bool) -> bool:
    if colon and ":" not in between:
        return False
    return 0 < len(between) <= _MOST_BETWEEN and _BETWEEN.issuperset(between)


def _past_adjectives(words: Sequence[Token], index: int) -> int:
    """Where the name is in "regards from a rather tired Clive"."""
    for place in range(index, min(len(words), index + 1 + _MOST_ADJECTIVES)):
        if words[place].title:
            return place
    return index


AFTER = re.compile(
    r",?\s(?:her|här|täällä|tässä|here"
    r"|(?:fra|på|från|i|in|from|at|hos|on) (?:(?:deres|er|eres|jeres|your|the) )?"
    r"(?:kunde|kund|support|chat|butikk|butik|lager|customer|service|shop|store|help)\w*"
    r"|,? (?:heter|hedder) (?:jeg|jag)|on nimeni|is my name"
    r"|asiakaspalvelu\w*|chatissa|chatista|myymälä\w*)\b",
    FOLDED,
)
"""What stands after a name."""

ASKED = re.compile(
    r"\b(?:(?:for|etter|efter|suku|etu|full)?(?:navn|namn|nimi|name|nime)(?:et|n|s?si|nne|ä)?\b"
    r"|hva heter|vad heter|hvad hedder|kuka olet|hvem snakker|vem pratar|hvem taler)",
    FOLDED,
)
HERE_NOW = re.compile(r",? (?:her|här|here|täällä|tässä)\b(?! *(?:is|er|är|on)\b)", FOLDED)
"""What makes even "Will" a name."""

NOT_ASKED = re.compile(
    r"bruker|använd|bruger|käyttäjä|user|firma|företag|yritys|company|produkt|tuote|product", FOLDED
)
"""A question for another kind of name."""

PARTICLES = frozenset(_LISTS["particles"])
"""Small words within a name: "Ann-Sofie af Geijerstam"."""

NOT_NAMES = frozenset(_LISTS["never"])
"""Words that end a name."""

SURNAME_ENDS = _LISTS["surname ends"]
"""Ends that many surnames have and few other words with a capital."""
