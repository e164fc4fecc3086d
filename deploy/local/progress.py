"""What a start tells the screen; apart from the rest, as every command loads it."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]
"""Takes one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Done:
    """One finished step of a start, for the screen."""

    number: int
    of: int
    title: str
    detail: str
    seconds: float


def silent(_: object) -> None:
    """Report nothing."""
