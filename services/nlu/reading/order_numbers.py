"""A merchant's order numbers, recognised however they are typed and given back as the pattern wants."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 40
"""Characters of an order number with everything that was typed between them, at most."""

MOST_PARTS = 5

_ESCAPED = re.compile(r"\\.|\{[0-9,]*\}")
_PIECE = re.compile(r"\[(?:\\.|[^\]])*\]|\\.|.", re.DOTALL)
_SEPARATORS = frozenset(
    {"-", "/", " ", "#", "_", ".", r"\-", r"\/", r"\.", r"\ ", r"\#", ":"} - {"."}
)
_QUANTIFIERS = "?*+{"
_TOKEN = re.compile(r"[^\W_]++")
_GLUED = re.compile(r"[^\W\d_]{2,}?(?=[A-ZÆØÅÄÖ])(?<=[a-zæøåäö])|(?:nr|no|nro)(?=[^\W\d_]{1,4}\d)")
"""A word right before a number's own letters: "nrFB-104822"."""

_GAP = re.compile(r"[ .\-/#_:]{0,3}")
_APART = re.compile(r"([a-zæøåäö]+|Nr|No|NR|NO|Nro|ID|Id)([ .:#])")
"""A word of its own before a number, unless the pattern begins with it."""


@dataclass(frozen=True)
class Shape:
    """A pattern and its parts between the separators that it writes; `lettered` if letters may occur."""

    whole: re.Pattern[str]
    parts: re.Pattern[str] | None
    joints: tuple[str, ...]
    lettered: bool

    def value(self, typed: str) -> str | None:
        """The number as the pattern writes it; None if it is none, whatever stands between."""
        if len(typed) > LONGEST:
            return None
        upper = typed.strip().upper()
        bare = re.sub(r"[^0-9A-ZÆØÅÄÖ]", "", upper)
        for form in (typed.strip(), upper, re.sub(r"\s", "", upper), bare):
            if self.whole.fullmatch(form):
                return form
        fits = self.parts.fullmatch(bare) if self.parts else None
        return _joined(fits.groups(), self.joints) if fits else None

    def lettered_numbers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Numbers with letters in `text`: start, end and value; the longest reading at each place."""
        if not self.lettered:
            return
        done = 0
        tokens = [found.span() for found in _TOKEN.finditer(text)]
        for index, (token, _) in enumerate(tokens):
            following = tokens[index : index + MOST_PARTS]
            for start in (token, *(glued.end() for glued in [_GLUED.match(text, token)] if glued)):
                found = self._longest(text, start, following) if start >= done else None
                if found:
                    done = found[1]
                    yield found

    def _longest(
        self, text: str, start: int, tokens: list[tuple[int, int]]
    ) -> tuple[int, int, str] | None:
        for end in reversed(list(_ends(text, tokens))):
            value = self.value(text[start:end]) if self._is_one(text[start:end]) else None
            if value:
                return start, end, value
        return None

    def _is_one(self, typed: str) -> bool:
        """Whether letters and digits belong together: "nr 123456" is a word and a number."""
        apart = _APART.match(typed)
        own = apart and apart[2] == " " and self.whole.pattern.startswith(apart[1].upper())
        return any(char.isdigit() for char in typed) and (not apart or bool(own))


@lru_cache(maxsize=256)
def shape(pattern: str) -> Shape:
    """What is needed to recognise a pattern's numbers; made once per pattern."""
    pieces = _PIECE.findall(pattern)
    lettered = bool(re.search(r"[A-Za-z]", _ESCAPED.sub("", pattern)))
    whole = re.compile(pattern)
    if any(piece in "()|" for piece in pieces):
        return Shape(whole, None, (), lettered)
    parts, joints = [""], []
    for index, piece in enumerate(pieces):
        follower = pieces[index + 1] if index + 1 < len(pieces) else ""
        if piece in _SEPARATORS and (not follower or follower not in _QUANTIFIERS):
            parts.append("")
            joints.append(piece[-1])
        else:
            parts[-1] += piece
    bare = re.compile("".join(f"({part})" for part in parts)) if joints else None
    return Shape(whole, bare, tuple(joints), lettered)


def _joined(parts: tuple[str, ...], joints: tuple[str, ...]) -> str:
    return parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:], strict=True))


def _ends(text: str, tokens: list[tuple[int, int]]) -> Iterator[int]:
    """Where a number that starts with the first token may end."""
    before = tokens[0][0]
    for start, end in tokens:
        if not _GAP.fullmatch(text, before, start) or end - tokens[0][0] > LONGEST:
            return
        before = end
        yield end
