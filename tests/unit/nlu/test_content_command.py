"""`prat content` on the command line, and what the demo publishes."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from deploy.cli.content import app
from tests.unit.nlu.kitchen import MERCHANTS

RUN = CliRunner()


def test_valid_content_is_summed_up() -> None:
    result = RUN.invoke(app, ["validate", str(MERCHANTS)])
    assert result.exit_code == 0
    assert "fjellbekk" in result.stdout
    assert "12 topics in sv en nb da fi" in result.stdout


def test_valid_content_as_json() -> None:
    result = RUN.invoke(app, ["validate", str(MERCHANTS), "--json"])
    assert json.loads(result.stdout)["valid"] is True


def test_problems_are_listed_with_place_and_fix(tmp_path: Path) -> None:
    shutil.copytree(MERCHANTS / "havsro", tmp_path / "havsro")
    path = tmp_path / "havsro" / "merchant.yaml"
    path.write_text(path.read_text("utf-8").replace("colour:", "color:"), "utf-8")
    result = RUN.invoke(app, ["validate", str(tmp_path)])
    assert result.exit_code == 1
    assert f"{path}:" in result.stdout.replace("\n", "")
    assert "Fix:" in result.stdout
    as_json = RUN.invoke(app, ["validate", str(tmp_path), "--json"])
    problems = json.loads(as_json.stdout)["problems"]
    assert {problem["cause"] for problem in problems} == {
        "`colour` is missing.", "`color` is not known here.",
    }  # fmt: skip
    assert all(problem["fix"] for problem in problems)


def test_without_a_broker_publishing_says_what_to_do() -> None:
    result = RUN.invoke(app, ["publish", str(MERCHANTS)], env={"KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    assert result.exit_code == 1
    assert "prat up" in result.output
