"""Two packs side by side, and two runs of a conversation: what is not the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from libs.contracts.content import LANGUAGES, Language, PackPublished
from libs.kit.errors import ConfigurationError
from services.nlu.content.changes import Change, changes
from services.nlu.evaluation.differences import Line, Turned, lines_of_tests, turned
from services.nlu.evaluation.labelled import Labelled, read_labelled
from services.nlu.evaluation.learning import Learner
from services.nlu.evaluation.replay import Line as Said
from services.nlu.evaluation.replay import read_lines


@dataclass(frozen=True)
class Comparison:
    """What one merchant's new content changes."""

    merchant_id: str
    before: str
    after: str
    changes: list[Change]
    lines: int
    turned: list[Turned]


def compare(
    before: PackPublished, after: PackPublished, asked: Sequence[Line], teacher: Learner
) -> Comparison:
    """The content's differences, and what they do to the topics' tests and the lines `asked`."""
    spoken = after.merchant.languages
    extra = [line for line in asked if line.language in spoken]
    lines = list(dict.fromkeys((*lines_of_tests(before, after), *extra)))
    old, new = teacher.learn(before).brain, teacher.learn(after).brain
    found = list(turned(lines, old.understand, new.understand))
    version = (before.pack_version, after.pack_version)
    return Comparison(after.merchant_id, *version, changes(before, after), len(lines), found)


def lines_of(path: Path) -> list[Line]:
    """Questions from a file; without a language of ours they count as Norwegian."""
    return [
        Line(one.text, spoken(one), one.label or None)
        for one in read_labelled(path, need_labels=False)
    ]


def spoken(one: Labelled, otherwise: Language = "nb") -> Language:
    """The line's language where it is one of ours."""
    return next((language for language in LANGUAGES if language == one.lang), otherwise)


def said_lines(path: Path) -> tuple[Said, ...]:
    """The lines of a conversation; raises ConfigurationError naming file and line."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        cause = f"{path} cannot be read ({type(error).__name__})."
        raise ConfigurationError(cause, "name a file of JSON lines in UTF-8.") from None
    try:
        return read_lines(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error.cause}", error.fix) from None


def as_file(replies: Sequence[bytes]) -> bytes:
    """Replies as a file: one a line."""
    return b"".join(reply + b"\n" for reply in replies)


def digest(replies: Sequence[bytes]) -> str:
    """The sha256 of the replies' file."""
    return sha256(as_file(replies)).hexdigest()


def different_replies(replies: Sequence[bytes], expected: bytes) -> list[dict[str, Any]]:
    """The replies that are not as expected, and in which of their parts; their text is not quoted."""
    others = expected.removesuffix(b"\n").split(b"\n") if expected else []
    found = [
        {"reply": number, "in": _parts(one, other)}
        for number, (one, other) in enumerate(zip(replies, others, strict=False), 1)
        if one != other
    ]
    if len(replies) != len(others):
        found.append({"reply": min(len(replies), len(others)) + 1, "in": _count(replies, others)})
    return found


def _parts(one: bytes, other: bytes) -> str:
    try:
        new, old = json.loads(one), json.loads(other)
        names = [name for name in new if new[name] != old.get(name)]
    except (ValueError, AttributeError):
        return "everything: no reply stands there"
    return ", ".join(names) or "spelling"


def _count(replies: Sequence[bytes], others: Sequence[bytes]) -> str:
    return f"number: {len(replies)} now, {len(others)} expected"
