"""`prat nlu test`: the tests that topics carry, run."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

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
    from libs.contracts.content import PackPublished
    from services.nlu.evaluation.checks import Check


OUTCOMES = {
    "wrong": "are answered wrongly",
    "unknown": "are not understood",
    "unsure": "are not answered: the right topic is likeliest, but not sure enough",
    "asked": "are asked about, the right topic among those named",
}
"""How tests fail, the worst first."""


def check_tests(
    folder: Folder = None,
    pack: PackName = None,
    at_least: Annotated[
        float, typer.Option(help="Share of tests that must pass, 0 to 1.", min=0, max=1)
    ] = 1.0,
    light: Light = False,
    as_json: AsJson = False,
) -> None:
    """Run the topics' tests: what is said, and what it must mean.

    Without FOLDER it is the starter pack.

    Example: prat nlu test shops/fjellbekk --at-least 0.9

    Exit code: 0 enough of each merchant's tests pass, 1 they do not (or the
    content has problems).
    """
    from services.nlu.evaluation.checks import run_tests

    with all_reported(as_json=as_json):
        packs = chosen_packs(folder, pack)
        teacher = learner(light=light)
        found: list[tuple[PackPublished, tuple[Check, ...]]] = []
        for one in packs:
            with notes().status(f"Learning {one.merchant_id} …"):
                brain = teacher.learn(one).brain
            found.append((one, run_tests(one, brain.understand)))
    enough = all(_passed(checks) >= at_least * len(checks) for _, checks in found)
    if as_json:
        typer.echo(json.dumps({"passed": enough, "packs": _as_rows(found)}, ensure_ascii=False))
    else:
        for one, checks in found:
            _show_checks(one, checks)
    if not enough:
        raise typer.Exit(1)


def _passed(checks: Sequence["Check"]) -> int:
    return sum(check.passed for check in checks)


def _as_rows(found: Sequence[tuple["PackPublished", Sequence["Check"]]]) -> list[dict[str, Any]]:
    from services.nlu.evaluation.checks import as_row

    return [
        {
            "merchant_id": pack.merchant_id,
            "pack_version": pack.pack_version,
            "tests": len(checks),
            "passed": _passed(checks),
            "failures": [as_row(check) for check in checks if not check.passed],
        }
        for pack, checks in found
    ]


def _show_checks(pack: "PackPublished", checks: Sequence["Check"]) -> None:
    from services.nlu.evaluation.checks import decision

    failed = [check for check in checks if not check.passed]
    heading(f"{pack.merchant_id} {pack.pack_version}")
    if failed:
        worst_first = sorted(failed, key=lambda check: check.outcome, reverse=True)
        rows = [
            (one.said, one.language, one.expected, decision(one.understood), one.top(3))
            for one in worst_first
        ]
        show_table(("said", "in", "expected", "got", "likeliest three"), rows)
    share = percent(_passed(checks) / len(checks)) if checks else "there are none"
    typer.echo(f"{_passed(checks)} of {len(checks)} tests pass ({share}).")
    counts = Counter[str](check.outcome for check in failed)
    for outcome, text in OUTCOMES.items():
        if counts[outcome]:
            typer.echo(f"{counts[outcome]:>5} {text}")
