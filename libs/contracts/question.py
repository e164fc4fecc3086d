"""Facts about questions without personal data, written by analytics."""

from typing import Literal

from libs.contracts.envelope import Event


class QuestionCounted(Event):
    """One visitor question, stripped: no text, no conversation, `occurred_at` cut to the hour."""

    type: Literal["QuestionCounted"] = "QuestionCounted"
    topic: str
    language: str
    outcome: str
    mentions: tuple[str, ...] = ()
    length: Literal["short", "medium", "long"]
