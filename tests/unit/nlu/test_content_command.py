"""`prat content` on the command line: what is right is summed up, what is wrong is explained."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.content import app
from deploy.cli.published import change_lines
from services.nlu.content.changes import Change
from tests.unit.nlu.small import small_starter, write_merchant

__all__ = ["small_starter"]

RUN = CliRunner()
NOWHERE = {"KAFKA_BOOTSTRAP": "127.0.0.1:1"}

pytestmark = pytest.mark.usefixtures("small_starter")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A merchant's folder."""
    return write_merchant(tmp_path / "fjellbekk").parent


def test_valid_content_is_summed_up(shop: Path) -> None:
    result = RUN.invoke(app, ["validate", str(shop)])
    assert result.exit_code == 0
    assert "4 topics in nb en" in result.stdout


def test_valid_content_as_json(shop: Path) -> None:
    result = RUN.invoke(app, ["validate", str(shop), "--json"])
    assert json.loads(result.stdout)["valid"] is True


def test_problems_are_listed_with_place_and_fix(shop: Path) -> None:
    path = shop / "merchant.yaml"
    path.write_text(path.read_text("utf-8").replace("colour:", "color:"), "utf-8")
    result = RUN.invoke(app, ["validate", str(shop)])
    assert result.exit_code == 1
    assert f"{path}:" in result.stdout.replace("\n", "")
    assert "Fix:" in result.stdout
    as_json = RUN.invoke(app, ["validate", str(shop), "--json"])
    problems = json.loads(as_json.stdout)["problems"]
    assert {problem["cause"] for problem in problems} == {
        "`colour` is missing.", "`color` is not known here.",
    }  # fmt: skip
    assert all(problem["fix"] for problem in problems)


def test_without_a_broker_publishing_says_what_to_do(shop: Path) -> None:
    result = RUN.invoke(app, ["publish", str(shop)], env=NOWHERE)
    assert result.exit_code == 1
    assert "prat up" in result.output


def test_a_difference_is_shown_as_it_is_and_not_as_markup() -> None:
    change = Change("gift_card", "answers.answer.nb", "changed", "[red]gammel[/]", "ny")
    assert change_lines(change) == [
        "[bold]gift_card answers.answer.nb[/]", "  [red]- \\[red]gammel\\[/][/]", "  [green]+ ny[/]",
    ]  # fmt: skip
