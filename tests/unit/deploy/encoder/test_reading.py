"""Reading ahead: once per content, with progress; what is read already costs nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cli.output import counted
from deploy.encoder import reading
from deploy.encoder.reading import NOTE, Progress, nobody, read_examples

LINES = 130


class Readings:
    """How often the examples were truly read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _encoder: Path, learned: Path, progress: Progress) -> tuple[int, Path]:
        self.count += 1
        file = learned / "vectors-1.f16"
        file.write_bytes(b"vectors")
        progress(0, LINES)
        return LINES, file


@pytest.fixture
def readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Readings:
    readings = Readings()
    for name in ("STARTER", "MERCHANT_FOLDERS"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        (folder / "topic.yaml").write_text("key: topic")
        monkeypatch.setattr(reading, name, folder)
    monkeypatch.setattr(reading, "ROOT", tmp_path)
    monkeypatch.setattr(reading, "_read", readings)
    return readings


def test_what_is_read_is_not_read_again(tmp_path: Path, readings: Readings) -> None:
    assert [read_examples(tmp_path, tmp_path) for _ in range(3)] == [LINES] * 3
    assert readings.count == 1


@pytest.mark.parametrize("folder", ["starter", "merchant_folders"])
def test_changed_content_is_read_again(tmp_path: Path, readings: Readings, folder: str) -> None:
    read_examples(tmp_path, tmp_path)
    (tmp_path / folder / "topic.yaml").write_text("key: other")
    read_examples(tmp_path, tmp_path)
    assert readings.count == 2


@pytest.mark.parametrize("note", ["", "{", "[]", "null", '{"content": "x"}'])
def test_a_broken_note_is_no_note(tmp_path: Path, readings: Readings, note: str) -> None:
    (tmp_path / NOTE).write_text(note)
    assert read_examples(tmp_path, tmp_path) == LINES
    assert readings.count == 1


@pytest.mark.parametrize("left", [b"", None])
def test_vectors_that_are_cut_off_or_gone_are_read_again(
    tmp_path: Path, readings: Readings, left: bytes | None
) -> None:
    read_examples(tmp_path, tmp_path)
    file = tmp_path / "vectors-1.f16"
    file.unlink() if left is None else file.write_bytes(left)
    read_examples(tmp_path, tmp_path)
    assert readings.count == 2


def test_a_place_that_keeps_nothing_is_read_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readings: Readings
) -> None:
    def nowhere(_encoder: Path, _learned: Path, _progress: Progress) -> tuple[int, Path]:
        return LINES, tmp_path / "missing.f16"

    monkeypatch.setattr(reading, "_read", nowhere)
    assert read_examples(tmp_path, tmp_path, nobody) == LINES
    assert not (tmp_path / NOTE).exists()


def test_progress_is_a_line_per_quarter_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with counted() as progress:
        for done in range(0, LINES, 5):
            progress(done, LINES)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["35 of 130 (26 %)", "65 of 130 (50 %)", "100 of 130 (76 %)"]


def test_a_second_init_loads_nothing_of_the_encoder() -> None:
    heavy = "onnxruntime, numpy, sklearn, ruamel"
    script = f"import sys, deploy.cli.init; print({{*sys.modules}} & {{*{heavy.split(', ')!r}}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
