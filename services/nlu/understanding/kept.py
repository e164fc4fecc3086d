"""What was learned from examples, kept on disk: a service that comes back need not learn it again.

Files are arrays without code, named by everything that decides what is learned: the lines, the
encoder, the libraries, and the recipe, which is this folder's own source. They hold content only.
"""

import json
import os
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog

from services.nlu.reading import entities
from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.heap import give_back
from services.nlu.understanding.model import TopicModel

MOST_KEPT = 12
"""The newest stay: published packs, and the drafts that are being tried."""

LIBRARIES = ("numpy", "scipy")
UNFIT = (OSError, ValueError, KeyError, BadZipFile, EOFError)
"""What reading a file that is cut off, or not ours, may raise."""

Lines = Sequence[tuple[str, str]]


class Lessons:
    """Gives models of lines: from the disk where they were learned before, else learned now."""

    def __init__(self, embeddings: Embeddings | None = None, folder: Path | None = None) -> None:
        self.embeddings = embeddings
        self._folder = folder

    def model(self, examples: Lines, tests: Lines) -> TopicModel:
        """What these lines teach; called in a thread, for learning takes seconds."""
        model = self._found(examples, tests)
        give_back()
        return model

    def _found(self, examples: Lines, tests: Lines) -> TopicModel:
        if self._folder is None:
            return TopicModel(examples, self.embeddings, tests)
        path = self._folder / f"model-{self._key(examples, tests)}.npz"
        return self._revived(path, examples, tests) or self._learned(path, examples, tests)

    def _revived(self, path: Path, examples: Lines, tests: Lines) -> TopicModel | None:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as state:
                model = TopicModel(examples, self.embeddings, tests, dict(state))
            path.touch()
        except FileNotFoundError:
            return None
        except UNFIT as error:
            structlog.get_logger().warning(
                "A kept model does not open; it is learned again.", error=type(error).__name__
            )
            return None
        return model

    def _learned(self, path: Path, examples: Lines, tests: Lines) -> TopicModel:
        model = TopicModel(examples, self.embeddings, tests)
        try:
            _write(path, model)
            _tidy(path.parent)
        except OSError as error:  # a read-only place: it is learned again after a restart
            structlog.get_logger().warning("A model cannot be kept.", error=type(error).__name__)
        return model

    def _key(self, examples: Lines, tests: Lines) -> str:
        encoder = self.embeddings.encoder.version if self.embeddings else None
        known = json.dumps([recipe(), encoder, list(examples), list(tests)])
        return blake2b(known.encode(), digest_size=16).hexdigest()


@cache
def recipe() -> str:
    """What turns lines into a model, as one word: another source or library makes another model."""
    own = sorted(Path(__file__).parent.glob("*.py"))
    sources = [path.read_bytes() for path in (*own, Path(entities.__file__))]
    parts: Iterable[bytes] = (*sources, *(version(name).encode() for name in LIBRARIES))
    return blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def _write(path: Path, model: TopicModel) -> None:
    """Whole or not at all: a half-written file never has the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    try:
        with half.open("wb") as file:
            np.savez(file, allow_pickle=False, **dict(model.state()))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _tidy(folder: Path) -> None:
    newest = sorted(folder.glob("model-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest[MOST_KEPT:]:
        path.unlink(missing_ok=True)
