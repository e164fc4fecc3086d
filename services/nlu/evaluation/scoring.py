"""The figures of an evaluation, from what was expected of each line and what it was taken for. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.nlu.evaluation.checks import OUT_OF_SCOPE
from services.nlu.evaluation.metrics import (
    auroc,
    calibration_error,
    caught_at,
    f1,
    mean_f1,
    precision_recall,
    share,
)
from services.nlu.evaluation.pupils import Pupil
from services.nlu.evaluation.report import (
    VERSION,
    Counts,
    Decided,
    LabelRow,
    LanguageRow,
    Likeliest,
    Mistake,
    OutOfScope,
    Report,
    Speed,
)

LITTLE = 0.05
"""The share of lines in scope that may be refused when catching those out of scope is compared."""


@dataclass(frozen=True)
class Answer:
    """What one line was taken for.

    `likeliest` of all labels, with its probability; `likeliest_inside` the scope; `decided` what the
    bot answers to, out_of_scope for nothing; `close` what it asks between.
    """

    expected: str
    lang: str
    likeliest: str
    confidence: float
    likeliest_inside: str
    sureness: float
    decided: str
    close: tuple[str, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether the line is in scope."""
        return self.expected != OUT_OF_SCOPE

    @property
    def answered(self) -> bool:
        """Whether the bot answers it."""
        return self.decided != OUT_OF_SCOPE

    @property
    def right(self) -> bool:
        """Whether what the bot does is right: the right answer, or none where there is none."""
        return self.decided == self.expected


def report_on(
    pupil: Pupil, threshold: float, answers: Sequence[Answer], speed: Speed, *, encoder: bool
) -> Report:
    """All figures of an evaluation."""
    return Report(
        version=VERSION,
        encoder=encoder,
        taught=len(pupil.examples),
        counts=_counts(pupil, answers),
        likeliest=_likeliest(pupil, answers),
        out_of_scope=_out_of_scope(answers),
        decided=_decided(pupil, threshold, answers),
        speed=speed,
        languages=_languages(pupil, answers),
        labels=_labels(answers),
        mistakes=_mistakes(answers),
    )


def _counts(pupil: Pupil, answers: Sequence[Answer]) -> Counts:
    taught = {pupil.labels[key] for _, key in pupil.examples}
    strange = Counter(one.expected for one in answers if one.inside and one.expected not in taught)
    inside = sum(one.inside for one in answers)
    return Counts(
        lines=len(answers),
        in_scope=inside,
        out_of_scope=len(answers) - inside,
        labels=len({one.expected for one in answers if one.inside}),
        labels_not_taught=dict(sorted(strange.items())),
    )


def _likeliest(pupil: Pupil, answers: Sequence[Answer]) -> Likeliest:
    inside = [one for one in answers if one.inside]
    expected, got = [one.expected for one in inside], [one.likeliest_inside for one in inside]
    every, taken = [one.expected for one in answers], [one.likeliest for one in answers]
    limits = pupil.knows_limits
    return Likeliest(
        accuracy=share(sum(map(str.__eq__, expected, got)), len(inside)),
        macro_f1=mean_f1(expected, got),
        accuracy_with_out_of_scope=_accuracy(answers) if limits else None,
        macro_f1_with_out_of_scope=mean_f1(every, taken) if limits else None,
        calibration_error=_calibration(pupil, answers),
    )


def _calibration(pupil: Pupil, answers: Sequence[Answer]) -> float | None:
    taught = {pupil.labels[key] for _, key in pupil.examples}
    known = [one for one in answers if one.expected in taught]
    confidence = np.array([one.confidence for one in known])
    return calibration_error(confidence, np.array([one.likeliest == one.expected for one in known]))


def _out_of_scope(answers: Sequence[Answer]) -> OutOfScope:
    inside = [one for one in answers if one.inside]
    outside = [one for one in answers if not one.inside]
    known = np.array([one.sureness for one in inside])
    unknown = np.array([one.sureness for one in outside])
    return OutOfScope(
        auroc=auroc(known, unknown),
        recall=share(sum(not one.answered for one in outside), len(outside)),
        in_scope_refused=share(sum(not one.answered for one in inside), len(inside)),
        recall_at_5_percent_refused=caught_at(known, unknown, LITTLE),
    )


def _decided(pupil: Pupil, threshold: float, answers: Sequence[Answer]) -> Decided:
    asked = [one for one in answers if one.close]
    return Decided(
        wanted_wrong_answer_rate=pupil.pack.merchant.wrong_answer_rate,
        threshold=round(threshold, 4),
        wrong_answer_rate=_wrong(answers),
        wrong_answer_rate_in_scope=_wrong([one for one in answers if one.inside]),
        coverage=_coverage(answers),
        accuracy=share(sum(one.right for one in answers), len(answers)),
        asked_between=share(len(asked), len(answers)),
        asked_rightly=share(sum(one.expected in one.close for one in asked), len(asked)),
    )


def _languages(pupil: Pupil, answers: Sequence[Answer]) -> list[LanguageRow]:
    rows = []
    for language in sorted({one.lang for one in answers}):
        those = [one for one in answers if one.lang == language]
        inside = [one for one in those if one.inside]
        right = sum(one.likeliest_inside == one.expected for one in inside)
        rows.append(
            LanguageRow(
                language=language,
                lines=len(those),
                accuracy=share(right, len(inside)),
                accuracy_with_out_of_scope=_accuracy(those) if pupil.knows_limits else None,
                wrong_answer_rate=_wrong(those),
                coverage=_coverage(those),
            )
        )
    return rows


def _labels(answers: Sequence[Answer]) -> list[LabelRow]:
    expected, got = [one.expected for one in answers], [one.likeliest for one in answers]
    rows = []
    for label, lines in sorted(Counter(expected).items()):
        precision, recall = precision_recall(label, expected, got)
        rows.append(LabelRow(label, lines, precision, recall, f1(precision, recall)))
    return rows


def _mistakes(answers: Sequence[Answer]) -> list[Mistake]:
    pairs = Counter((a.expected, a.likeliest) for a in answers if a.expected != a.likeliest)
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [Mistake(expected, got, count) for (expected, got), count in ranked]


def _accuracy(answers: Sequence[Answer]) -> float | None:
    return share(sum(one.likeliest == one.expected for one in answers), len(answers))


def _wrong(answers: Sequence[Answer]) -> float | None:
    given = [one for one in answers if one.answered]
    return share(sum(not one.right for one in given), len(given))


def _coverage(answers: Sequence[Answer]) -> float | None:
    inside = [one for one in answers if one.inside]
    return share(sum(one.answered for one in inside), len(inside))
