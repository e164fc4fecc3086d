"""Vectors of a pack's examples, worked out once and kept on disk: content, nothing of visitors."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np
import structlog

from libs.kit.errors import ConfigurationError
from services.nlu.settings import NluSettings
from services.nlu.understanding.encoder import GRAPH, VECTOR, Encoder, Vectors

FILE = "vectors-{version}.f16"
KEY_BYTES = 16
AT_A_TIME = 64
PATIENCE_SECONDS = 5.0
"""How often the log hears of progress while many texts are new."""

_RECORD = np.dtype([("key", f"V{KEY_BYTES}"), ("vector", np.float16, VECTOR)])


class TextEncoder(Protocol):
    """What makes vectors of texts."""

    version: str

    def one(self, text: str) -> Vectors:
        """The vector of one text."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector for each text, soon."""


class Embeddings:
    """Gives vectors of texts; each text is encoded once, alone, so that it never depends on others.

    Vectors are rounded to half floats whether they come from the disk or are new: a model that is
    trained after a restart is the same to the byte.
    """

    def __init__(self, encoder: TextEncoder, folder: Path | None = None, threads: int = 1) -> None:
        self.encoder = encoder
        self._threads = threads
        self._path = folder / FILE.format(version=encoder.version) if folder else None
        self._places = self._read()
        self._unkept: dict[bytes, np.ndarray] = {}

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row for each text."""
        keys = [_key(text) for text in texts]
        unknown = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in self._places and key not in self._unkept
        }
        if unknown:
            self._add(unknown)
        found: Vectors = np.empty((len(keys), VECTOR), np.float32)
        kept = [
            (at, place)
            for at, key in enumerate(keys)
            if (place := self._places.get(key)) is not None
        ]
        for at, vector in self._kept(kept):
            found[at] = vector
        for at, key in enumerate(keys):
            if key in self._unkept:
                found[at] = self._unkept[key]
        return found

    def _add(self, unknown: dict[bytes, str]) -> None:
        log, said = structlog.get_logger(), time.monotonic()
        new = np.zeros(len(unknown), _RECORD)
        texts, keys = list(unknown.values()), list(unknown)
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(texts), AT_A_TIME):
                some = slice(start, start + AT_A_TIME)
                new["key"][some] = [np.void(key) for key in keys[some]]
                new["vector"][some] = list(pool.map(self.encoder.one, texts[some]))
                if time.monotonic() - said > PATIENCE_SECONDS:
                    said = time.monotonic()
                    log.info("Reading new examples.", done=start, of=len(texts))
        self._keep(keys, new)

    def _keep(self, keys: Sequence[bytes], new: np.ndarray) -> None:
        if self._path:
            try:
                first = _append(self._path, new)
            except OSError as error:  # a read-only place: they are read again after a restart
                structlog.get_logger().warning(
                    "Vectors of examples cannot be kept.", error=type(error).__name__
                )
            else:
                self._places.update(zip(keys, range(first, first + len(keys)), strict=True))
                return
        self._unkept.update(zip(keys, new["vector"], strict=True))

    def _kept(self, wanted: Sequence[tuple[int, int]]) -> Iterator[tuple[int, np.ndarray]]:
        """The vectors at places of the file; a map of it would keep all of it in memory."""
        if not (self._path and wanted):
            return
        with self._path.open("rb") as file:
            for at, place in wanted:
                record = os.pread(file.fileno(), _RECORD.itemsize, place * _RECORD.itemsize)
                yield at, np.frombuffer(record, _RECORD)["vector"][0]

    def _read(self) -> dict[bytes, int]:
        """The place of each text's vector in the file."""
        if not self._path or not self._path.exists():
            return {}
        # A record that a crash cut off is left out here, and overwritten by the next one.
        whole = self._path.stat().st_size // _RECORD.itemsize
        with self._path.open("rb") as file:
            return {
                os.pread(file.fileno(), KEY_BYTES, place * _RECORD.itemsize): place
                for place in range(whole)
            }


def _append(path: Path, new: np.ndarray) -> int:
    """Writes records behind the others; the place of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        first = file.tell() // _RECORD.itemsize
        file.truncate(first * _RECORD.itemsize)
        file.write(new.tobytes())
    return first


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=KEY_BYTES).digest()


def embeddings_for(settings: NluSettings) -> Embeddings | None:
    """The encoder with its memory as the settings want it; None where letters and words must do."""
    if settings.nlu_encoder == "off":
        return None
    folder = settings.nlu_encoder_folder
    if (folder / GRAPH).exists():
        return Embeddings(Encoder(folder), settings.nlu_cache_folder)
    fix = "run `prat init`, or set PRAT_NLU_ENCODER_FOLDER to the folder that it built."
    if settings.nlu_encoder == "on":
        raise ConfigurationError(f"The sentence encoder is missing from {folder}.", fix)
    structlog.get_logger().warning(
        "The sentence encoder is missing: the bot goes by letters and words alone.",
        folder=str(folder), fix=fix,
    )  # fmt: skip
    return None
