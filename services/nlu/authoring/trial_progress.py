"""How far a trial of a draft is, for the page that waits for it."""

import time
from dataclasses import dataclass, field

from services.nlu.authoring.trials import Result


@dataclass
class Progress:
    """How far a trial is; read by the page until it is done."""

    mark: str
    state: str = "learning"
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    learning_seconds: float = 0.0
    done: int = 0
    of: int = 0
    result: Result | None = None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return round((self.ended or time.monotonic()) - self.began, 1)

    def learned(self, tests: int) -> None:
        """The draft is learned; so many tests are to be asked now."""
        self.learning_seconds = self.seconds
        self.state, self.of = "testing", tests

    def step(self) -> None:
        """One test more was asked."""
        self.done += 1

    def finish(self, result: Result) -> None:
        """All is asked."""
        self.result, self.state, self.ended = result, "done", time.monotonic()

    def fail(self) -> None:
        """It could not be learned."""
        self.state, self.ended = "failed", time.monotonic()
