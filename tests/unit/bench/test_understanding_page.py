"""The bars on the page about understanding: each is of a figure that the report has, and says the truth."""

from dataclasses import fields
from typing import Any

import pytest

from services.nlu.evaluation.report import Decided, Likeliest, OutOfScope, Speed
from tests.bench.understanding import PACK, SETS
from tests.bench.understanding_page import BY_LANGUAGE, PROMISED, STARTER, bars

ROOMS = {
    "likeliest": Likeliest, "out_of_scope": OutOfScope, "decided": Decided, "speed": Speed,
}  # fmt: skip


def figures(off: float = 0.0) -> dict[str, Any]:
    """Figures that are as promised, or so much worse."""
    found: dict[str, Any] = {}
    for bar in PROMISED:
        room, _, key = bar.path.partition(".")
        assert key in {one.name for one in fields(ROOMS[room])}
        ours = found.setdefault(bar.set, {"ours": {}})["ours"]
        ours.setdefault(room, {})[key] = bar.bar + (off if bar.is_most else -off)
    found[STARTER]["ours"]["languages"] = [
        {"language": language, "accuracy_with_out_of_scope": share - off}
        for language, share in BY_LANGUAGE.items()
    ]
    return found


def test_every_bar_is_of_a_set_that_is_measured() -> None:
    assert {bar.set for bar in PROMISED} <= {one.name for one in (*SETS, PACK)}


@pytest.mark.parametrize(("off", "said"), [(0.0, "| kept |"), (0.001, "| **missed** |")])
def test_a_bar_that_is_missed_is_said_to_be(off: float, said: str) -> None:
    rows = [line for line in bars(figures(off)).splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(PROMISED) + len(BY_LANGUAGE)
    assert all(row.endswith(said) for row in rows)


def test_what_was_not_measured_has_no_row() -> None:
    assert "CLINC150" not in bars({STARTER: figures()[STARTER]})
