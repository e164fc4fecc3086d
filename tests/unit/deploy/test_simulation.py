"""A simulated day: the same for the same seed, fair, nobody idle, and its report adds up."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.simulation import report
from deploy.simulation.day import Plan
from deploy.simulation.hall import Said
from deploy.simulation.run import Outcome, Run, Wait
from services.handoff import floor
from services.handoff.routing import match
from tests.builders import NOW

SMALL = Plan(chats=600, agents=6, vanishing=0.5)


@pytest.fixture(scope="module")
def day() -> Outcome:
    return Run(SMALL, 0.2).run()


def test_every_visitor_is_accounted_for(day: Outcome) -> None:
    assert day.queued + day.filed == SMALL.chats
    assert day.closed + day.left + day.waiting_at_end == day.queued
    assert day.closed <= len(day.waits) <= day.queued - day.left
    assert day.filed > 0, "some come before the shop opens"
    assert day.taken_back > 0, "some agents vanish"


def test_nobody_is_idle_while_somebody_waits_and_nobody_is_overtaken(day: Outcome) -> None:
    assert (day.idle, day.overtaken) == (0, 0)
    assert day.longest_queue > 3, "there must be a queue for this to mean anything"


def test_the_same_seed_is_the_same_day(day: Outcome) -> None:
    again = Run(SMALL, 0.2).run()
    assert again.waits == day.waits
    other = Run(replace(SMALL, seed=2), 0.2).run()
    assert other.waits != day.waits


def test_a_rule_that_leaves_agents_idle_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "match", lambda waiting, seats: match(waiting, seats)[:-1])
    assert Run(replace(SMALL, chats=60), 0.2).run().idle > 0


def test_a_rule_that_is_unfair_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def youngest_first(waiting: object, seats: object) -> object:
        youngest = sorted(waiting, key=lambda case: case.queued_at, reverse=True)  # type: ignore[call-overload]
        found = ((case, match([case], seats)) for case in youngest)  # type: ignore[arg-type]
        return next((pairs for _, pairs in found if pairs), [])

    monkeypatch.setattr(floor, "match", youngest_first)
    assert Run(SMALL, 0.2).run().overtaken > 0


def test_the_error_is_a_share_of_the_real_wait() -> None:
    wait = Wait(NOW, Said(3, 50.0, 80.0, 110.0), 100.0)
    assert report.error(wait) == pytest.approx(0.2)
    found = report.figures(Outcome(SMALL, waits=[wait]))
    assert (found["median_error"], found["inside_range"], found["shown"]) == (0.2, 1.0, 1.0)
    assert report.passed(found)
    assert not report.passed(found | {"median_error": 0.31})
    assert not report.passed(found | {"idle_while_waiting": 1})


def test_the_command_says_figures_to_people_and_programs(tmp_path: Path) -> None:
    page = tmp_path / "day.md"
    few = ["handoff", "simulate", "--chats", "40", "--agents", "3"]
    shown = CliRunner().invoke(app, [*few, "--write", str(page)])
    assert "Idle agents while somebody waits: 0 (bar 0)" in shown.output
    assert "40 visitors, 3 agents, seed 1" in page.read_text()
    told = json.loads(CliRunner().invoke(app, [*few, "--json"]).output)
    assert told["queued"] + told["left_messages"] == 40
