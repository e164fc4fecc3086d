"""What learning a pack says of it: the report of `prat nlu train`, as plain values."""

from dataclasses import dataclass

from libs.contracts.content import Language, PackPublished
from services.nlu.evaluation.findings import (
    Example,
    Pair,
    alike,
    counts,
    examples,
    repeated,
    too_few,
)
from services.nlu.evaluation.learning import Confusion, Learned, confusions
from services.nlu.evaluation.memory import resident_mb

STEPS = 8
"""Points of the curve that a report shows; the page plots all."""


@dataclass(frozen=True)
class Hints:
    """What can be seen in the examples without learning anything."""

    counts: dict[str, dict[Language, int]]
    too_few: list[tuple[str, Language, int]]
    repeated: list[Example]
    alike: list[Pair]


@dataclass(frozen=True)
class CurvePoint:
    """A threshold, the share of questions answered from there on, and the share of wrong answers."""

    threshold: float
    coverage: float
    wrong: float
    chosen: bool = False


@dataclass(frozen=True)
class TeachingReport:
    """Everything that `prat nlu train` says of one merchant's pack."""

    merchant_id: str
    pack_version: str
    topics: int
    examples: int
    encoder: bool
    seconds: float
    memory_mb: float
    hints: Hints
    confusions: list[Confusion]
    wrong_answer_rate: float
    curve: list[CurvePoint]


def hints_of(pack: PackPublished) -> Hints:
    """What can be seen in the examples of a pack."""
    twice = [example for example, _ in repeated(pack)]
    return Hints(counts(pack), too_few(pack), twice, alike(pack))


def teaching_report(learned: Learned) -> TeachingReport:
    """What was learned, and what there is to mend."""
    brain, pack = learned.brain, learned.brain.pack
    return TeachingReport(
        merchant_id=pack.merchant_id,
        pack_version=pack.pack_version,
        topics=len(pack.topics),
        examples=len(examples(pack)),
        encoder=learned.encoder,
        seconds=round(learned.seconds, 3),
        memory_mb=round(resident_mb(), 1),
        hints=hints_of(pack),
        confusions=confusions(brain),
        wrong_answer_rate=pack.merchant.wrong_answer_rate,
        curve=_curve(learned),
    )


def _curve(learned: Learned) -> list[CurvePoint]:
    """A few points of the curve, the chosen one among them."""
    calibration = learned.brain.model.calibration
    chosen = calibration.choose(learned.brain.pack.merchant.wrong_answer_rate)
    points = [CurvePoint(p.threshold, p.coverage, p.wrong) for p in calibration.curve(STEPS)]
    points.append(CurvePoint(chosen.threshold, chosen.coverage, chosen.wrong, chosen=True))
    return sorted(points, key=lambda point: point.threshold)
