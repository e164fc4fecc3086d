"""Vectors of a pack's examples, worked out once and kept on disk: content, nothing of visitors."""

import time
from collections.abc import Sequence
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
        self._known: dict[bytes, np.ndarray] = self._read()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row for each text."""
        keys = [_key(text) for text in texts]
        unknown = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._known
        }
        if unknown:
            self._add(unknown)
        rows = [self._known[key] for key in keys]
        found: Vectors = np.array(rows, np.float16).astype(np.float32).reshape(-1, VECTOR)
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
        try:
            if self._path:
                _append(self._path, new)
        except OSError as error:  # a read-only place: they are read again after a restart
            log.warning("Vectors of examples cannot be kept.", error=type(error).__name__)
        self._known.update(zip(unknown, new["vector"], strict=True))

    def _read(self) -> dict[bytes, np.ndarray]:
        if not self._path or not self._path.exists():
            return {}
        whole = self._path.stat().st_size // _RECORD.itemsize
        # A record that a crash cut off is left out here, and overwritten by the next one.
        table = np.memmap(self._path, _RECORD, "r", shape=(whole,)) if whole else ()
        return {bytes(record["key"]): record["vector"] for record in table}


def _append(path: Path, new: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(file.tell() // _RECORD.itemsize * _RECORD.itemsize)
        file.write(new.tobytes())


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
