"""A text as the model reads it: what means the same is written the same."""

import re

from services.nlu.reading.entities import plain

LONGEST = 400
"""Characters of a message that the topic is read from; entities and language see all of it."""

_UNACCENTED = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o"})
_DIGITS = re.compile(r"[0-9](?:[ .\-]?[0-9])*")


def folded(text: str) -> str:
    """Accents and their spellings alike, any number just "0", small letters."""
    letters = plain(text[:LONGEST]).casefold().translate(_UNACCENTED)
    alike = letters.replace("aa", "a").replace("ae", "a").replace("oe", "o")
    return _DIGITS.sub("0", alike)


def has_letters(text: str) -> bool:
    """Whether there is anything to read: a number alone is about whatever was asked before."""
    return any(char.isalpha() for char in text)
