"""The tests that a pack's topics carry, run: what was said, what it should mean, what was understood."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from libs.contracts.content import Language, PackPublished
from services.nlu.authoring.trials import tests_of
from services.nlu.dialogue.scene import FALLBACK, OTHER
from services.nlu.dialogue.state import Understanding

OUT_OF_SCOPE = "out_of_scope"
"""What labelled sets call a text that is about none of the topics."""

NOT_KNOWN = (FALLBACK, OTHER, OUT_OF_SCOPE)
"""Three names of "that is none of my topics"."""

Outcome = Literal["passed", "asked", "unsure", "unknown", "wrong"]
"""`asked` between topics, the right one among them; `unsure`, though the right one is likeliest."""

Understand = Callable[[str, Language], Understanding]


@dataclass(frozen=True)
class Check:
    """One test of a topic and what came of it."""

    said: str
    language: Language
    expected: str
    understood: Understanding

    @property
    def passed(self) -> bool:
        """Whether it was understood as it should be."""
        return same(self.expected, self.understood.intent)

    @property
    def outcome(self) -> Outcome:
        """What a visitor would get: a wrong answer is worse than a question, or none."""
        if self.passed:
            return "passed"
        if self.understood.intent not in NOT_KNOWN:
            return "wrong"
        if self.expected in self.understood.close:
            return "asked"
        likeliest = [one.topic for one in self.understood.candidates[:1]]
        return "unsure" if likeliest == [self.expected] else "unknown"

    def top(self, count: int) -> str:
        """The likeliest topics with their probabilities."""
        likeliest = self.understood.candidates[:count]
        return ", ".join(f"{one.topic} {one.confidence:.2f}" for one in likeliest)


def run_tests(pack: PackPublished, understand: Understand) -> tuple[Check, ...]:
    """Every test that counts for the merchant, in the order of the pack."""
    return tuple(
        Check(say, language, expected, understand(say, language))
        for _, say, language, expected in tests_of(pack)
    )


def as_row(check: Check) -> dict[str, Any]:
    """A test as plain values."""
    return {
        "said": check.said,
        "language": check.language,
        "expected": check.expected,
        "got": check.understood.intent,
        "outcome": check.outcome,
        "asks_between": list(check.understood.close),
        "candidates": [[one.topic, one.confidence] for one in check.understood.candidates],
    }


def same(one: str, other: str) -> bool:
    """Whether two labels mean the same: every name of "not known" does."""
    return one == other or (one in NOT_KNOWN and other in NOT_KNOWN)


def decision(understood: Understanding) -> str:
    """What the bot makes of a text, in a word or two: its topic, what it asks between, or nothing."""
    if understood.intent != FALLBACK:
        return understood.intent
    return f"asks: {' or '.join(understood.close)}" if understood.close else "does not know"
