"""A model that was learned before answers as it did, and is learned again whenever that is in doubt."""

from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from services.nlu.understanding import kept
from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.kept import MOST_KEPT, Lessons
from services.nlu.understanding.model import TopicModel
from tests.unit.nlu.test_model import EXAMPLES, WordVectors

ASKED = ("hvor er pakken?", "hva heter du", "jeg vil levere jakken", "xyzzy", "42", *(
    text for text, _ in EXAMPLES
))  # fmt: skip


@pytest.fixture
def lessons_learned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lessons there have been: one entry for each."""
    taught: list[int] = []
    teach = TopicModel._teach

    def counted(model: TopicModel, *lines: object) -> None:
        taught.append(len(taught))
        teach(model, *lines)  # type: ignore[arg-type]

    monkeypatch.setattr(TopicModel, "_teach", counted)
    return taught


@pytest.mark.parametrize("light", [False, True])
def test_a_kept_model_says_the_same_to_the_bit(
    tmp_path: Path, lessons_learned: list[int], light: bool
) -> None:
    embeddings = None if light else Embeddings(WordVectors())
    first = Lessons(embeddings, tmp_path).model(EXAMPLES, ())
    again = Lessons(embeddings, tmp_path).model(EXAMPLES, ())
    assert len(lessons_learned) == 1
    assert again is not first
    for text in ASKED:
        one, other = first.weigh(text), again.weigh(text)
        assert one.chances.tobytes() == other.chances.tobytes()
        assert (one.sureness, one.exact) == (other.sureness, other.exact)
    assert first.calibration.choose(0.05) == again.calibration.choose(0.05)
    assert np.array_equal(first.crossed, again.crossed)


@pytest.mark.parametrize(
    "other", ["an example more", "another test", "no encoder", "another encoder", "another recipe"]
)
def test_whatever_decides_what_is_learned_makes_another_model(
    tmp_path: Path, lessons_learned: list[int], monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    encoder, newer = WordVectors(), WordVectors()
    newer.version = "newer words"
    Lessons(Embeddings(encoder), tmp_path).model(EXAMPLES, ())
    if other == "another recipe":
        monkeypatch.setattr(kept, "recipe", lambda: "another")
    embeddings = {"no encoder": None, "another encoder": Embeddings(newer)}.get(
        other, Embeddings(encoder)
    )
    examples = (*EXAMPLES, ("hallo", "greeting")) if other == "an example more" else EXAMPLES
    tests = (("hei der", "opening_hours"),) if other == "another test" else ()
    Lessons(embeddings, tmp_path).model(examples, tests)
    assert len(lessons_learned) == 2


@pytest.mark.parametrize("damage", ["cut off", "empty", "text", "foreign", "with code"])
def test_a_file_that_does_not_open_is_learned_again(
    tmp_path: Path, lessons_learned: list[int], damage: str
) -> None:
    Lessons(folder=tmp_path).model(EXAMPLES, ())
    (path,) = tmp_path.glob("model-*.npz")
    whole = path.read_bytes()
    if damage == "with code":
        np.savez(path, letters=np.array([{"a": 1}], dtype=object))
    elif damage == "foreign":
        np.savez(path, something=np.zeros(3))
    else:
        path.write_bytes(
            {"cut off": whole[: len(whole) // 2], "empty": b"", "text": b"hei"}[damage]
        )
    with capture_logs() as logs:
        assert Lessons(folder=tmp_path).model(EXAMPLES, ()).weigh("hei").chances.sum() > 0
    assert [log["event"] for log in logs] == ["A kept model does not open; it is learned again."]
    assert len(lessons_learned) == 2
    assert path.stat().st_size == len(whole)


def test_a_place_that_cannot_be_written_to_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with capture_logs() as logs:
        assert Lessons(folder=tmp_path / "file" / "below").model(EXAMPLES, ()).topics
    assert "A model cannot be kept." in [log["event"] for log in logs]


def test_only_the_newest_stay(tmp_path: Path) -> None:
    lessons = Lessons(folder=tmp_path)
    for number in range(MOST_KEPT + 3):
        lessons.model([("hei", f"topic_{number}"), ("ha det", "b")], ())
    assert len(list(tmp_path.glob("model-*.npz"))) == MOST_KEPT
    assert not list(tmp_path.glob("*.half"))
