"""Masking: what may identify a visitor becomes a typed token, before anything is counted.

The recognizers run in a fixed order, each on the text that the earlier ones left, until a whole round
finds nothing; so masking a masked text changes nothing. Every pattern is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from libs.privacy.codes import codes
from libs.privacy.names import names
from libs.privacy.normalising import Normalised, normalise
from libs.privacy.numbers import numbers
from libs.privacy.postcodes import postcodes
from libs.privacy.products import Allowed
from libs.privacy.recognizers import (
    BLANK,
    KINDS,
    Finding,
    Recognizer,
    emails,
    ibans,
    ip_addresses,
    links,
)
from libs.privacy.streets import addresses
from libs.privacy.strictness import unknown
from libs.privacy.usernames import usernames

MAX_BYTES = 64 * 1024
"""Longer text is dropped as a whole: nobody asks a question of that length."""

OVERSIZE = "OVERSIZE"

ROUNDS = 4
"""Masking settles in one or two rounds; a text that does not is masked as a whole."""

FINNISH = "fi"

CASCADE: tuple[Recognizer, ...] = (
    links, emails, ip_addresses, ibans, usernames, codes, addresses, postcodes, numbers,
)  # fmt: skip

UNMASKED = re.compile(rf"[^\W{BLANK}](?:[^{BLANK}]*[^\W{BLANK}])?")

TOKEN = re.compile(f"<(?:{'|'.join((*KINDS, OVERSIZE))})>")


@dataclass(frozen=True)
class Span:
    """A masked stretch of the original text, in code points, and what it was taken for."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Masked:
    """Text with tokens in place of the spans; `spans` are in order and do not overlap."""

    text: str
    spans: tuple[Span, ...]


def mask(
    text: str,
    language: str | None = None,
    context: str | None = None,
    *,
    strict: bool = False,
    listed: Allowed | None = None,
) -> Masked:
    """Masks `text`; `context` is the bot's question that it answers, `listed` the merchant's own names.

    `strict` is for texts that people will read: it also masks every word that is not known to be harmless.
    `language` is only a hint: visitors switch languages, so every language's words are known at once.
    """
    if _too_long(text):
        return _all_of(text)
    normal = normalise(text)
    people = partial(names, listed=listed, finnish=language == FINNISH)
    last = (people, partial(unknown, listed=listed)) if strict else (people,)
    found = _settle(normal, context or "", (*CASCADE, *last))
    if found is None:
        return _all_of(text)
    masked = Masked(_with_tokens(text, found), tuple(found))
    return _all_of(text) if _too_long(masked.text) else masked


def _settle(normal: Normalised, context: str, cascade: Sequence[Recognizer]) -> list[Span] | None:
    working = _blanked(normal.text, (token.span() for token in TOKEN.finditer(normal.text)))
    found: list[Finding] = []
    for _ in range(ROUNDS):
        before = len(found)
        for recognizer in cascade:
            free = _free(working, recognizer(working, context))
            new = _apart((*normal.widened(start, end), kind) for start, end, kind in free)
            working = _blanked(working, ((start, end) for start, end, _kind in new))
            found += new
        if len(found) == before:
            return _in_original(normal, found)
    return None


def _free(working: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without what is masked already: "linh, <EMAIL> tran" is two names."""
    for start, end, kind in found:
        if BLANK not in working[start:end]:
            yield start, end, kind
            continue
        for piece in UNMASKED.finditer(working, start, end):
            yield *piece.span(), kind


def _apart(found: Iterable[Finding]) -> list[Finding]:
    """The findings in order; those that touch the same characters become one."""
    apart: list[Finding] = []
    for start, end, kind in sorted(found):
        if apart and start < apart[-1][1]:
            first, last, known = apart[-1]
            apart[-1] = (first, max(last, end), known)
        else:
            apart.append((start, end, kind))
    return apart


def _in_original(normal: Normalised, found: Sequence[Finding]) -> list[Span]:
    return [
        Span(normal.starts[start], normal.ends[end - 1], kind) for start, end, kind in sorted(found)
    ]


def _blanked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in sorted(ranges):
        pieces += [text[done:start], BLANK * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


def _with_tokens(text: str, spans: Sequence[Span]) -> str:
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += [text[done : span.start], f"<{span.kind}>"]
        done = span.end
    return "".join([*pieces, text[done:]])


def _too_long(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES


def _all_of(text: str) -> Masked:
    return Masked(f"<{OVERSIZE}>", (Span(0, len(text), OVERSIZE),))
