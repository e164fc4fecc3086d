"""The report of an evaluation: stable keys, plain values; None where a figure cannot be told."""

from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1
"""Counted up when a key changes its meaning or goes."""


@dataclass(frozen=True)
class Counts:
    """What the test consists of; `labels_not_taught` are in the test, but nothing taught them."""

    lines: int
    in_scope: int
    out_of_scope: int
    labels: int
    labels_not_taught: dict[str, int]


@dataclass(frozen=True)
class Likeliest:
    """The likeliest label, whatever the threshold.

    `accuracy` and `macro_f1` are of lines in scope, with out_of_scope not to be chosen; those
    `with_out_of_scope` are of all lines, where out_of_scope is a label like any other (None where
    it was not taught). `calibration_error` is the expected one in 15 bins, of labels that were taught.
    """

    accuracy: float | None
    macro_f1: float | None
    accuracy_with_out_of_scope: float | None
    macro_f1_with_out_of_scope: float | None
    calibration_error: float | None


@dataclass(frozen=True)
class OutOfScope:
    """How well the bot knows what it does not know.

    `auroc` is of its sureness; `recall` and `in_scope_refused` the shares of lines out of and in
    scope that it does not answer at the chosen threshold.
    """

    auroc: float | None
    recall: float | None
    in_scope_refused: float | None
    recall_at_5_percent_refused: float | None


@dataclass(frozen=True)
class Decided:
    """What visitors get: at the threshold that the examples alone gave for the wanted rate.

    `coverage` is the share of lines in scope that are answered, `wrong_answer_rate` the share of
    all answers (those to lines out of scope, too) that are wrong, `asked_between` the share of lines
    at which the bot asks between topics, and `asked_rightly` how many of those name the right one.
    """

    wanted_wrong_answer_rate: float
    threshold: float
    wrong_answer_rate: float | None
    wrong_answer_rate_in_scope: float | None
    coverage: float | None
    accuracy: float | None
    asked_between: float | None
    asked_rightly: float | None


@dataclass(frozen=True)
class Speed:
    """Seconds to teach (`encoding` the examples apart), milliseconds for a message, memory.

    `message` is all of understanding as the service does it, on the wall and of the processor;
    `thorough` is finding the topic with the encoder asked in any case. Time of the processor says
    more where others use the machine too.
    """

    encoding_seconds: float
    training_seconds: float
    message_ms_mean: float | None
    message_ms_p50: float | None
    message_ms_p99: float | None
    message_cpu_ms_mean: float | None
    message_cpu_ms_p50: float | None
    message_cpu_ms_p99: float | None
    thorough_ms_p50: float | None
    thorough_ms_p99: float | None
    thorough_cpu_ms_p50: float | None
    thorough_cpu_ms_p99: float | None
    messages_per_second_in_batches: float | None
    memory_mb: float


@dataclass(frozen=True)
class LanguageRow:
    """The figures of one language's lines; `?` are lines without."""

    language: str
    lines: int
    accuracy: float | None
    accuracy_with_out_of_scope: float | None
    wrong_answer_rate: float | None
    coverage: float | None


@dataclass(frozen=True)
class LabelRow:
    """The figures of one label, by the likeliest label of all."""

    label: str
    lines: int
    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True)
class Mistake:
    """How often a label is taken for another, by the likeliest label of all."""

    expected: str
    got: str
    count: int


@dataclass(frozen=True)
class Report:
    """Everything that `prat nlu evaluate` says."""

    version: int
    encoder: bool
    taught: int
    counts: Counts
    likeliest: Likeliest
    out_of_scope: OutOfScope
    decided: Decided
    speed: Speed
    languages: list[LanguageRow]
    labels: list[LabelRow]
    mistakes: list[Mistake]

    def as_row(self) -> dict[str, Any]:
        """The report as JSON has it, with the figures that are asked for most in `summary`."""
        whole = asdict(self)
        return {"version": whole.pop("version"), "summary": self._summary(), **whole}

    def _summary(self) -> dict[str, float | None]:
        likely, outside, decided = self.likeliest, self.out_of_scope, self.decided
        return {
            "accuracy": likely.accuracy,
            "macro_f1": likely.macro_f1,
            "accuracy_with_out_of_scope": likely.accuracy_with_out_of_scope,
            "calibration_error": likely.calibration_error,
            "out_of_scope_auroc": outside.auroc,
            "out_of_scope_recall": outside.recall,
            "wrong_answer_rate": decided.wrong_answer_rate,
            "coverage": decided.coverage,
            "threshold": decided.threshold,
            "training_seconds": self.speed.training_seconds,
            "message_ms_p50": self.speed.message_ms_p50,
            "message_ms_p99": self.speed.message_ms_p99,
            "memory_mb": self.speed.memory_mb,
        }
