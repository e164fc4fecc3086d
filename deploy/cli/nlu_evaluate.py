"""`prat nlu evaluate`: the bot's figures on labelled lines that it has not seen."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from deploy.cli.nlu_lines import heading, percent, show_table
from deploy.cli.nlu_source import (
    Light,
    MerchantId,
    PackName,
    all_reported,
    chosen_pack,
    chosen_packs,
    embeddings,
    notes,
)
from deploy.local.errors import LocalFault

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.evaluation.labelled import Labelled
    from services.nlu.evaluation.report import Report

MOST_SHOWN = 10


def evaluate(
    *,
    test: Annotated[
        Path, typer.Option(help='JSON lines {"text", "label", "lang"?} that it has not seen.')
    ],
    train: Annotated[
        Path | None, typer.Option(help="JSON lines that teach it.", show_default=False)
    ] = None,
    pack: PackName = None,
    merchant: MerchantId = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--wrong-answer-rate",
            min=0.001,
            max=0.5,
            show_default=False,
            help="Share of wrong answers to put up with (the merchant's, or 0.05).",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--json", help="Write all figures here.", show_default=False)
    ] = None,
    light: Light = False,
) -> None:
    """Teach the bot labelled lines (or take a pack), and measure it on others.

    The label out_of_scope stands for everything that it should not answer, and
    is counted apart; `fallback` and `other_question` are other names of it.
    `lang` is a language code, or left out. Further keys are passed over. The
    threshold is what the training lines alone give for the wanted rate of wrong
    answers. The keys of the JSON are explained in docs/teach-and-test.md.

    Example: prat nlu evaluate --train a.jsonl --test b.jsonl --json r.json

    Example: prat nlu evaluate --pack retail --test questions.jsonl

    Exit code: 0 measured, 1 a file has problems (each is named with its line
    and the fix).
    """
    with all_reported():
        taught = _taught(train, pack, merchant)
        lines = _lines(test)
        report = _measured(taught, lines, rate, light=light)
        if out:
            _write(out, report)
    show_report(report)


def show_report(report: "Report") -> None:
    """The figures for people; the JSON has all of them."""
    counts = report.counts
    typer.echo(
        f"{report.taught} lines teach it ({'with' if report.encoder else 'without'} the encoder); "
        f"asked {counts.lines}: {counts.in_scope} in scope of {counts.labels} labels, "
        f"{counts.out_of_scope} out of scope."
    )
    if counts.labels_not_taught:
        names, lines = list(counts.labels_not_taught), sum(counts.labels_not_taught.values())
        notes().print(
            f"[yellow]note[/] {lines} lines have labels that nothing taught, and count as wrong: "
            f"{', '.join(names[:MOST_SHOWN])}"
        )
    for title, rows in _groups(report):
        heading(title)
        show_table(("", ""), rows)
    heading("Languages")
    _show_languages(report)
    if report.mistakes:
        heading("Most frequent mistakes")
        worst = [(one.expected, one.got, one.count) for one in report.mistakes[:MOST_SHOWN]]
        show_table(("label", "taken for", "times"), worst)


def _groups(report: "Report") -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    likely, outside = report.likeliest, report.out_of_scope
    decided, speed = report.decided, report.speed
    yield (
        "The likeliest label",
        [
            ("accuracy in scope", percent(likely.accuracy)),
            ("macro-F1 in scope", percent(likely.macro_f1)),
            ("accuracy, out_of_scope as a label", percent(likely.accuracy_with_out_of_scope)),
            ("macro-F1, out_of_scope as a label", percent(likely.macro_f1_with_out_of_scope)),
            ("calibration error (ECE)", _figure(likely.calibration_error)),
        ],
    )
    yield (
        f"Out of scope, by sureness (threshold {decided.threshold:.3f})",
        [
            ("AUROC", _figure(outside.auroc)),
            ("recall at the threshold", percent(outside.recall)),
            ("in scope refused there", percent(outside.in_scope_refused)),
            ("recall with 5 % in scope refused", percent(outside.recall_at_5_percent_refused)),
        ],
    )
    yield (
        f"What it does, wanting {percent(decided.wanted_wrong_answer_rate)} wrong answers",
        [
            ("wrong-answer rate", percent(decided.wrong_answer_rate)),
            ("wrong-answer rate in scope", percent(decided.wrong_answer_rate_in_scope)),
            ("coverage (in scope and answered)", percent(decided.coverage)),
            ("right, all lines", percent(decided.accuracy)),
            ("asks between topics", percent(decided.asked_between)),
            ("the right one among them", percent(decided.asked_rightly)),
        ],
    )
    yield (
        "Speed",
        [
            ("encoding the training lines", f"{speed.encoding_seconds:.1f} s"),
            ("training", f"{speed.training_seconds:.1f} s"),
            ("a message, mean", _ms(speed.message_ms_mean)),
            ("a message, p50 and p99", f"{_ms(speed.message_ms_p50)}, {_ms(speed.message_ms_p99)}"),
            (
                "its processor time, p50 and p99",
                f"{_ms(speed.message_cpu_ms_p50)}, {_ms(speed.message_cpu_ms_p99)}",
            ),
            (
                "with the encoder in any case",
                f"{_ms(speed.thorough_ms_p50)}, {_ms(speed.thorough_ms_p99)}",
            ),
            ("in batches", f"{speed.messages_per_second_in_batches:.0f} messages/s"),
            ("memory", f"{speed.memory_mb:.0f} MB"),
        ],
    )


def _show_languages(report: "Report") -> None:
    heads = ("", "lines", "accuracy", "with out_of_scope", "wrong answers", "coverage")
    rows = [
        (
            one.language,
            one.lines,
            percent(one.accuracy),
            percent(one.accuracy_with_out_of_scope),
            percent(one.wrong_answer_rate),
            percent(one.coverage),
        )
        for one in report.languages
    ]
    show_table(heads, rows)


def _taught(
    train: Path | None, pack: str | None, merchant: str | None
) -> "PackPublished | tuple[Labelled, ...]":
    from services.nlu.evaluation.labelled import read_labelled

    if (train is None) == (pack is None):
        fix = "give --train FILE for labelled lines, or --pack retail (or a folder) for content."
        raise LocalFault("What teaches the bot is not said, or said twice", fix)
    if train is not None:
        return read_labelled(train)
    return chosen_pack(chosen_packs(None, pack), merchant)


def _lines(path: Path) -> "tuple[Labelled, ...]":
    from services.nlu.evaluation.labelled import read_labelled

    return read_labelled(path)


def _measured(
    taught: "PackPublished | tuple[Labelled, ...]",
    lines: "tuple[Labelled, ...]",
    rate: float | None,
    *,
    light: bool,
) -> "Report":
    from services.nlu.evaluation.evaluation import evaluate as measure

    with _progress(len(lines)) as asked:
        own = embeddings(light=light, kept=not isinstance(taught, tuple))
        return measure(taught, lines, own, rate, asked)


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[], None]]:
    """A bar on the terminal while learning and asking."""
    with Progress(console=notes(), transient=True) as progress:
        task = progress.add_task("Learning, then asking …", total=lines)
        yield lambda: progress.advance(task)


def _write(path: Path, report: "Report") -> None:
    text = json.dumps(report.as_row(), ensure_ascii=False, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalFault(f"{path} cannot be written ({error.strerror})", "Check it.") from None


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} ms"
