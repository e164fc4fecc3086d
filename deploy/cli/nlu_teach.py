"""`prat nlu train` and `prat nlu validate`: what a pack teaches, and what there is to mend in it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from deploy.cli.nlu_lines import heading, percent, show_table
from deploy.cli.nlu_source import (
    Folder,
    Light,
    PackName,
    all_reported,
    chosen_packs,
    learner,
    notes,
)
from deploy.cli.output import AsJson

if TYPE_CHECKING:
    from services.nlu.evaluation.findings import Example
    from services.nlu.evaluation.training_report import Hints, TeachingReport

MOST_SHOWN = 15
"""Rows of a list of hints; --json has all of them."""


def train(
    folder: Folder = None, pack: PackName = None, light: Light = False, as_json: AsJson = False
) -> None:
    """Learn a pack and say what there is to mend in its examples.

    Counts, too few examples, examples that two topics share, what is
    confused in cross-validation, and how often the bot will answer and be
    wrong. What takes long (the examples' vectors) is kept, so that the next
    time is quicker. Without FOLDER it is the starter pack.

    Example: prat nlu train shops/fjellbekk

    Exit code: 0 learned, 1 the content has problems.
    """
    from services.nlu.evaluation.training_report import teaching_report

    with all_reported(as_json=as_json):
        packs = chosen_packs(folder, pack)
        teacher = learner(light=light, anew=True)
        reports = []
        for one in packs:
            with notes().status(f"Learning {one.merchant_id} …"):
                reports.append(teaching_report(teacher.learn(one)))
    if as_json:
        typer.echo(
            json.dumps({"packs": [asdict(report) for report in reports]}, ensure_ascii=False)
        )
        return
    for report in reports:
        _show_report(report)


def validate(folder: Folder = None, pack: PackName = None, as_json: AsJson = False) -> None:
    """Check content as `prat content validate` does, and hint at its examples.

    Nothing is learned, so it is quick. Without FOLDER it is the starter pack.

    Example: prat nlu validate shops/fjellbekk

    Exit code: 0 it can be published (hints or not), 1 it has problems.
    """
    from services.nlu.evaluation.training_report import hints_of

    with all_reported(as_json=as_json):
        packs = chosen_packs(folder, pack)
    hints = {one.merchant_id: hints_of(one) for one in packs}
    if as_json:
        rows = {name: asdict(found) for name, found in hints.items()}
        typer.echo(json.dumps({"valid": True, "hints": rows}, ensure_ascii=False))
        return
    from deploy.cli.content import summary

    for one in packs:
        typer.echo(summary(one))
        _show_hints(hints[one.merchant_id])


def _show_report(report: "TeachingReport") -> None:
    heading(f"{report.merchant_id} {report.pack_version}")
    typer.echo(
        f"{report.topics} topics, {report.examples} examples, learned in {report.seconds:.1f} s "
        f"({'with' if report.encoder else 'without'} the encoder), {report.memory_mb:.0f} MB in use."
    )
    _show_hints(report.hints, counts=True)
    if report.confusions:
        heading("Confused in cross-validation")
        rows = [(c.expected, c.got, c.count, c.example) for c in report.confusions[:MOST_SHOWN]]
        show_table(("topic", "taken for", "times", "such as"), rows)
    heading("How sure it must be")
    show_table(
        ("threshold", "answers", "of them wrong", ""),
        [
            (p.threshold, percent(p.coverage), percent(p.wrong), "← chosen" if p.chosen else "")
            for p in report.curve
        ],
    )
    typer.echo(
        f"The shop puts up with {percent(report.wrong_answer_rate)} wrong answers "
        "(`wrong_answer_rate` in merchant.yaml)."
    )


def _show_hints(hints: "Hints", *, counts: bool = False) -> None:
    if counts:
        heading("Examples")
        languages = list(next(iter(hints.counts.values()), {}))
        rows = [(key, *by.values()) for key, by in hints.counts.items()]
        show_table(("topic", *languages), rows)
    _show_list("Too few examples", ("topic", "in", "examples"), hints.too_few)
    _show_list("Twice in their topic, which teaches nothing", ("topic", "in", "example"), [
        (one.topic, one.language, one.text) for one in hints.repeated
    ])  # fmt: skip
    _show_list(
        "Alike in two topics: keep each in one of them",
        ("topic", "in", "example", "topic", "in", "example", "alike"),
        [(*_place(pair.one), *_place(pair.other), pair.likeness) for pair in hints.alike],
    )


def _place(one: "Example") -> tuple[str, str, str]:
    return one.topic, one.language, one.text


def _show_list(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    heading(f"{title} ({len(rows)})")
    show_table(heads, rows[:MOST_SHOWN])
    if len(rows) > MOST_SHOWN:
        typer.echo(f"… and {len(rows) - MOST_SHOWN} more; --json has all.")
