"""The sentence encoder: a text as numbers that lie near those of texts which mean the same.

The model is multilingual-e5-small with 8-bit weights, made by `prat init` (deploy/encoder); it runs
on one thread of the processor. Without its files the bot works on letters and words alone.
"""

from collections.abc import Sequence
from hashlib import blake2b, file_digest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from services.nlu.understanding.tokenizing import Tokenizer

Vectors = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

GRAPH = "encoder.onnx"
ROWS = "rows.q4"
WIDTH = 384
VECTOR = 2 * WIDTH
"""A text's vector: the means of the last two layers side by side, each at length 1."""

BLOCK = 32
BLOCK_BYTES = 18
"""A half-float scale and 32 half-bytes: the low halves are the first 16 weights."""

PREFIX = "query "
"""How the model was trained to see a text that is compared with others of its kind, but for the colon:
a token less to work on, and as good.
"""

MOST_TOKENS = 128
BATCH = 16
"""Texts in one run: more of them do not fit into the processor's cache together."""


class Encoder:
    """Texts to vectors; `version` tells models apart, whose vectors must not be mixed."""

    def __init__(self, folder: Path, graph: bytes | None = None) -> None:
        self._tokenizer = Tokenizer(folder)
        # Only the rows of tokens that occur are ever read into memory.
        flat = np.memmap(folder / ROWS, np.uint8, "r")
        self._rows: Bytes = flat.reshape(-1, WIDTH // BLOCK, BLOCK_BYTES)
        self.version = _digest(folder / GRAPH) if graph is None else "floats"
        model = graph or str(folder / GRAPH)
        self._session = onnxruntime.InferenceSession(model, _options(), ["CPUExecutionProvider"])

    def one(self, text: str) -> Vectors:
        """The vector of one text."""
        vector: Vectors = self._run([self._ids(text)])[0]
        return vector

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector for each text, in batches of texts of alike length.

        Eight-bit numbers are shared out over a batch: a vector differs in the third digit from `one`.
        """
        tokens = [self._ids(text) for text in texts]
        order = sorted(range(len(tokens)), key=lambda number: len(tokens[number]))
        found: Vectors = np.empty((len(texts), VECTOR), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            found[batch] = self._run([tokens[number] for number in batch])
        return found

    def watch(self, text: str) -> dict[str, Vectors]:
        """The largest value of each column of every further output that the graph has."""
        names = [output.name for output in self._session.get_outputs() if output.name != "means"]
        found = self._session.run(names, self._inputs([self._ids(text)]))
        return {
            name: np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            for name, values in zip(names, found, strict=True)
        }

    def _inputs(self, tokens: Sequence[list[int]]) -> dict[str, np.ndarray]:
        """What the graph is fed with: the rows of the tokens, and where there are tokens."""
        longest = max(len(ids) for ids in tokens)
        table = np.zeros((len(tokens), longest), np.intp)
        mask = np.zeros((len(tokens), longest), np.int32)
        for row, ids in enumerate(tokens):
            table[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        words = unpacked(self._rows[table.ravel()]).reshape(*table.shape, WIDTH)
        return {"words": words, "mask": mask}

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.ids(PREFIX + text, MOST_TOKENS)

    def _run(self, tokens: Sequence[list[int]]) -> Vectors:
        (means,) = self._session.run(["means"], self._inputs(tokens))
        layers: Vectors = scaled(means.reshape(-1, WIDTH))
        return layers.reshape(len(tokens), VECTOR)


def unpacked(blocks: Bytes) -> Vectors:
    """Blocks of 4-bit weights as floats."""
    scales = blocks[..., :2].copy().view(np.float16).astype(np.float32)
    halves = blocks[..., 2:]
    both = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32)
    floats: Vectors = ((both - 8) * scales).reshape(len(blocks), -1)
    return floats


def scaled(vectors: Vectors) -> Vectors:
    """The vectors at length 1."""
    found: Vectors = vectors / lengths(vectors)[:, None]
    return found


def lengths(vectors: Vectors) -> Vectors:
    """The length of each vector, never quite 0."""
    found: Vectors = np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), np.float32(1e-12))
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(PREFIX.encode(), digest_size=6)).hexdigest()


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # One thread: the services share the machine, and a second one gains nothing on short texts.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options
