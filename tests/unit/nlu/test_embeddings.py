"""Vectors of examples on disk: worked out once, the same after a restart, mended after a crash."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from libs.kit.errors import ConfigurationError
from services.nlu.settings import NluSettings
from services.nlu.understanding.embeddings import Embeddings, embeddings_for
from services.nlu.understanding.encoder import VECTOR, Vectors


class Counting:
    """An encoder that counts, and says the same of the same text."""

    version = "one"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def one(self, text: str) -> Vectors:
        self.asked.append(text)
        return np.random.default_rng(len(text)).normal(size=VECTOR).astype(np.float32)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.one(text) for text in texts])


def test_a_text_is_encoded_once_and_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    texts = ["hei", "hvor er pakken", "hei"]
    before = Embeddings(first, tmp_path, threads=2).vectors(texts)
    after = Embeddings(second, tmp_path).vectors(texts)
    assert sorted(first.asked) == ["hei", "hvor er pakken"]
    assert not second.asked
    assert before.tobytes() == after.tobytes()
    assert before.dtype == np.float32
    assert (before[0] == before[2]).all()


def test_another_model_does_not_read_this_ones_vectors(tmp_path: Path) -> None:
    Embeddings(Counting(), tmp_path).vectors(["hei"])
    other = Counting()
    other.version = "two"
    Embeddings(other, tmp_path).vectors(["hei"])
    assert other.asked == ["hei"]


def test_a_file_that_a_crash_cut_off_is_mended(tmp_path: Path) -> None:
    Embeddings(Counting(), tmp_path).vectors(["hei", "takk skal du ha"])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-7])
    again = Counting()
    mended = Embeddings(again, tmp_path)
    mended.vectors(["hei", "takk skal du ha"])
    assert again.asked == ["takk skal du ha"]
    last = Counting()
    Embeddings(last, tmp_path).vectors(["hei", "takk skal du ha"])
    assert not last.asked


def test_old_and_new_texts_stand_in_the_order_asked(tmp_path: Path) -> None:
    texts = ["b", "ccc", "aa", "b"]
    lone = {text: Embeddings(Counting()).vectors([text])[0] for text in texts}
    for folder in (tmp_path, None):
        embeddings = Embeddings(Counting(), folder)
        embeddings.vectors(["ccc"])
        for _ in range(2):
            found = embeddings.vectors(texts)
            assert all((row == lone[text]).all() for text, row in zip(texts, found, strict=True))


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with capture_logs() as logs:
        assert Embeddings(Counting(), tmp_path / "file").vectors(["hei"]).shape == (1, VECTOR)
    assert logs[0]["log_level"] == "warning"


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    assert Embeddings(Counting()).vectors(["hei"]).shape == (1, VECTOR)
    assert Embeddings(Counting()).vectors([]).shape == (0, VECTOR)
    assert not list(tmp_path.iterdir())


def test_a_missing_encoder_is_said_aloud_or_refused(tmp_path: Path) -> None:
    settings = partial(NluSettings, nlu_encoder_folder=tmp_path, nlu_cache_folder=None)
    with capture_logs() as logs:
        assert embeddings_for(settings(nlu_encoder="auto")) is None
    assert "letters and words alone" in logs[0]["event"]
    with pytest.raises(ConfigurationError, match="prat init"):
        embeddings_for(settings(nlu_encoder="on"))
    with capture_logs() as logs:
        assert embeddings_for(settings(nlu_encoder="off")) is None
    assert not logs
