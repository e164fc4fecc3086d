"""The page of figures on understanding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Mapping[str, dict[str, Any]]]

ELSEWHERE = {
    "BANKING77, 10-shot": "66.3", "Bitext hard, 5-shot": "78.2", "Bitext hard, 10-shot": "85.6",
}  # fmt: skip
"""Rasa 3.6.21 (DIET, 100 epochs, one thread), accuracy in per cent, measured on the same splits."""

HEAD = """# Understanding

Made by `python -m tests.bench.understanding DATA`: one run, one thread, every measurement in a process
of its own. *Ours* is the bot as it serves (letters and words first, the encoder when they are unsure);
*light* is the same without the encoder; *anchor* is TF-IDF under a linear SVC. Rasa's figures were
measured elsewhere, on the same splits. Training never sees test lines; one recipe for all sets.
{machine}.

## Accuracy in scope, %

| set | ours | light | anchor | Rasa DIET | ours: ECE |
|---|---|---|---|---|---|
"""

OUTSIDE = """
## Out of scope

*Caught* is the share of lines out of scope below the sureness under which 5 % of those in scope are.

| set | ours: AUROC | caught % | light: AUROC | caught % | anchor: AUROC | caught % |
|---|---|---|---|---|---|---|
"""

DECIDED = """
## What visitors get at a wanted wrong-answer rate of 5 %

The threshold comes from the examples (and the pack's own tests) alone.

| set | wrong answers % | coverage % | right of all lines % | asks between topics % | rightly % |
|---|---|---|---|---|---|
"""

LANGUAGES = """
## Starter pack by language

| language | lines | likeliest right, in scope % | with out_of_scope % | wrong answers % | coverage % |
|---|---|---|---|---|---|
"""

SPEED = """
## Speed and memory

*Message* is all of understanding (language, entities, topic) as served; *encoder* is finding the topic
with the encoder asked in any case. Milliseconds are on the wall, and in brackets of the processor,
which say more where others use the machine too; the other columns are on the wall. Memory is of the
measuring process, test lines included; *SVC* is the anchor's p50. An edited pack costs *training* once
more, and *reading* of its new lines alone: vectors of examples are kept.

| set | message ms mean | p50 | p99 | encoder ms p50 | p99 | batches/s | training s | reading s | MB | SVC |
|---|---|---|---|---|---|---|---|---|---|---|
"""


BARS = """
## Bars

What was asked for of all this, and the figures above. Times are the processor's.

| what | set | bar | measured | |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Bar:
    """A figure that was promised: `bar` is the least, or with `is_most` the most, that is well."""

    what: str
    set: str
    path: str
    bar: float
    is_most: bool = False

    def is_kept(self, figure: float) -> bool:
        """Whether a figure keeps it."""
        return figure <= self.bar if self.is_most else figure >= self.bar


STARTER = "starter pack, unseen retail questions"
"""The set of questions that our own content is measured on."""

ENCODER_MS = (
    ("encoder ms p50", "thorough_cpu_ms_p50", 8),
    ("encoder ms p99", "thorough_cpu_ms_p99", 15),
)
PROMISED = (
    Bar("accuracy", "BANKING77, 10-shot", "likeliest.accuracy", 0.83),
    Bar("accuracy", "BANKING77, full", "likeliest.accuracy", 0.93),
    Bar("accuracy", "CLINC150, full", "likeliest.accuracy", 0.955),
    Bar("out-of-scope AUROC", "CLINC150, full", "out_of_scope.auroc", 0.97),
    Bar("caught at 5 % refused", "CLINC150, full", "out_of_scope.recall_at_5_percent_refused", 0.78),
    Bar("accuracy", "Bitext hard, 5-shot", "likeliest.accuracy", 0.88),
    Bar("accuracy", "Bitext hard, 10-shot", "likeliest.accuracy", 0.92),
    Bar("wrong answers", STARTER, "decided.wrong_answer_rate", 0.05, is_most=True),
    Bar("coverage", STARTER, "decided.coverage", 0.7),
    Bar("calibration error", STARTER, "likeliest.calibration_error", 0.03, is_most=True),
    Bar("message ms mean", STARTER, "speed.message_cpu_ms_mean", 3, is_most=True),
    *(Bar(what, STARTER, f"speed.{key}", most, is_most=True) for what, key, most in ENCODER_MS),
    Bar("messages a second in batches", STARTER, "speed.messages_per_second_in_batches", 250),
    Bar("training seconds, whole or after an edit", STARTER, "speed.training_seconds", 5, is_most=True),
    Bar("memory MB", STARTER, "speed.memory_mb", 450, is_most=True),
)  # fmt: skip
BY_LANGUAGE = {"nb": 0.8, "sv": 0.8, "da": 0.75, "fi": 0.75, "en": 0.75}
"""The share of retail questions, those out of scope among them, that is understood."""


def page(figures: Figures, machine: str) -> str:
    """The whole page."""
    pack = [STARTER] if STARTER in figures else []
    parts = [
        HEAD.format(machine=machine), *(_accuracy(name, figures[name]) for name in figures),
        OUTSIDE, *(_outside(name, figures[name]) for name in figures if _has_outside(figures[name])),
        DECIDED, *(_decided(name, figures[name]["ours"]) for name in figures),
        LANGUAGES, *(_language(row) for name in pack for row in figures[name]["ours"]["languages"]),
        SPEED, *(_speed(name, figures[name]) for name in figures),
        bars(figures),
    ]  # fmt: skip
    return "".join(parts)


def _accuracy(name: str, by_way: Mapping[str, dict[str, Any]]) -> str:
    ours, light = by_way["ours"]["likeliest"], by_way["light"]["likeliest"]
    return _row(
        name, f"**{_percent(ours['accuracy'])}**", _percent(light["accuracy"]),
        _percent(by_way["anchor"]["accuracy"]), ELSEWHERE.get(name, "–"),
        f"{ours['calibration_error']:.3f}",
    )  # fmt: skip


def _has_outside(by_way: Mapping[str, dict[str, Any]]) -> bool:
    return by_way["anchor"]["auroc"] is not None


def _outside(name: str, by_way: Mapping[str, dict[str, Any]]) -> str:
    cells = []
    for way in ("ours", "light"):
        found = by_way[way]["out_of_scope"]
        cells += [f"{found['auroc']:.3f}", _percent(found["recall_at_5_percent_refused"])]
    anchor = by_way["anchor"]
    return _row(name, *cells, f"{anchor['auroc']:.3f}", _percent(anchor["recall"]))


def _decided(name: str, ours: dict[str, Any]) -> str:
    keys = ("wrong_answer_rate", "coverage", "accuracy", "asked_between", "asked_rightly")
    return _row(name, *(_percent(ours["decided"][key]) for key in keys))


def _language(row: dict[str, Any]) -> str:
    keys = ("accuracy", "accuracy_with_out_of_scope", "wrong_answer_rate", "coverage")
    return _row(row["language"], row["lines"], *(_percent(row[key]) for key in keys))


def _speed(name: str, by_way: Mapping[str, dict[str, Any]]) -> str:
    timed = (
        "message_{}_mean",
        "message_{}_p50",
        "message_{}_p99",
        "thorough_{}_p50",
        "thorough_{}_p99",
    )
    others = (
        "messages_per_second_in_batches", "training_seconds", "encoding_seconds", "memory_mb",
    )  # fmt: skip
    speed = by_way["ours"]["speed"]
    times = (f"{speed[key.format('ms')]:.1f} ({speed[key.format('cpu_ms')]:.1f})" for key in timed)
    return _row(name, *times, *(speed[key] for key in others), by_way["anchor"]["message_ms_p50"])


def bars(figures: Figures) -> str:
    """What was promised beside what was measured."""
    rows = [_bar(bar, figures[bar.set]["ours"]) for bar in PROMISED if bar.set in figures]
    own = figures[STARTER]["ours"]["languages"] if STARTER in figures else []
    return "".join([BARS, *rows, *(_language_bar(row) for row in own)])


def _bar(bar: Bar, ours: dict[str, Any]) -> str:
    room, _, key = bar.path.partition(".")
    return _bar_row(bar, ours[room][key])


def _language_bar(row: dict[str, Any]) -> str:
    language = row["language"]
    bar = Bar(f"understood, {language}", STARTER, "", BY_LANGUAGE[language])
    return _bar_row(bar, row["accuracy_with_out_of_scope"])


def _bar_row(bar: Bar, figure: float) -> str:
    sign = "≤" if bar.is_most else "≥"
    return _row(
        bar.what, bar.set, f"{sign} {bar.bar:g}", f"{figure:.3g}",
        "kept" if bar.is_kept(figure) else "**missed**",
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"
