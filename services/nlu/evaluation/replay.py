"""A conversation once more: the same lines on the same pack at the same times give the same bytes. Pure."""

import json
from collections.abc import Iterable, Iterator
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from libs.contracts.content import PackPublished
from libs.contracts.envelope import derived_id
from libs.kit.errors import ConfigurationError
from services.nlu.dialogue.state import (
    Dialogue,
    Errand,
    Finding,
    Missing,
    Parcel,
    Product,
    ShopAnswer,
    Turn,
)
from services.nlu.domain import Bot, at_rest, consider, hear, listen, respond

Recorded = Parcel | ShopAnswer | tuple[Product, ...] | Missing | None


class Line(BaseModel):
    """A visitor's message, when it came, and what was found out for it.

    `finding` is a parcel, a shop's answer, products, "unknown" or "away"; where the bot has to find
    something out and nothing is recorded, the shop counts as away. `online` is how many agents were
    there for each skill. With `human` the line is no message: a person took over or gave back, and
    may have `solved` a topic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    at: AwareDatetime
    text: str = ""
    locale: str = ""
    id: UUID | None = None
    finding: Recorded = None
    online: dict[str, int] | None = None
    human: bool = False
    solved: str | None = None


def read_lines(text: str) -> tuple[Line, ...]:
    """The lines of a file of JSON lines; raises ConfigurationError naming the line, never quoting it."""
    return tuple(_lines(text))


def replay(brain: Bot, lines: Iterable[Line]) -> tuple[bytes, ...]:
    """The bot's replies to a conversation, each as canonical JSON."""
    replies: list[bytes] = []
    known: Dialogue | None = None
    for line in lines:
        if line.human:
            known = at_rest(known, line.solved) if known else None
            continue
        turn = turn_on(brain, known, line)
        replies.append(canonical(brain.pack, line, turn))
        known = turn.dialogue
    return tuple(replies)


def turn_on(brain: Bot, known: Dialogue | None, line: Line) -> Turn:
    """The turn on one line of a conversation."""
    dialogue = listen(known, line.locale, brain.pack)
    heard = hear(brain, dialogue, line.text)
    move = consider(dialogue, heard, brain.pack, line.at, line.online)
    return respond(move, _finding(move.errand, line))


def canonical(pack: PackPublished, line: Line, turn: Turn) -> bytes:
    """A reply as the bus carries it, but unsealed: what it says and the facts beside it."""
    offer = {"topic": turn.offer.topic, "reason": turn.offer.reason} if turn.offer else None
    reply = {
        "event_id": str(derived_id(line.id, "reply")) if line.id else None,
        "at": line.at.isoformat(),
        "intent": turn.intent,
        "language": turn.body.language,
        "outcome": turn.outcome.value,
        "confidence": turn.confidence,
        "pack_version": pack.pack_version,
        "offer": offer,
        "known": dict(turn.known),
        "body": turn.body.model_dump(mode="json"),
    }
    return json.dumps(reply, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _finding(errand: Errand, line: Line) -> Finding:
    if errand is None:
        return None
    return Missing.AWAY if line.finding is None else line.finding


def _lines(text: str) -> Iterator[Line]:
    # Not splitlines: a visitor's text may hold other line ends than these, unescaped.
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            yield _line(number, line)


def _line(number: int, line: str) -> Line:
    try:
        return Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        cause = f"Line {number}: {where}: {first['msg']}."
        fix = 'write a line such as {"at": "2026-11-23T12:00:00Z", "text": "hei", "locale": "nb"}.'
        # Not chained: the other error quotes what the visitor wrote.
        raise ConfigurationError(cause, fix) from None
