"""The measurements by name, and the page that names their pages."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.bench import __main__ as module
from tests.bench.__main__ import MEASUREMENTS, Measurement, index, main


def test_every_page_is_there_and_in_the_index(project: Path) -> None:
    figures = project / "docs" / "figures"
    assert (figures / "README.md").read_text("utf-8") == index()
    pages = {path.name for path in figures.glob("*.md")} - {"README.md"}
    assert pages == {one.file for one in MEASUREMENTS} | {"erasure-proof.md"}


def test_every_measurement_can_be_run_alone() -> None:
    assert all(find_spec(one.module) for one in MEASUREMENTS)


def test_the_list_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    told = capsys.readouterr().out
    assert all(one.name in told and one.about in told for one in MEASUREMENTS)


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "no measurement speed" in capsys.readouterr().err


def test_a_folder_among_the_names_is_the_public_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Path | None, bool]] = []

    def run(one: Measurement, data: Path | None, *, quick: bool) -> None:
        asked.append((one.name, data, quick))

    monkeypatch.setattr(module, "FIGURES", tmp_path)
    monkeypatch.setattr(module, "run", run)
    assert main(["masking", str(tmp_path)]) == main(["privacy", "--quick"]) == 0
    assert asked == [("masking", tmp_path, False), ("privacy", None, True)]
