"""Makes the folder of the encoder's files: graph, rows of tokens, tokenizer. Once per machine."""

import asyncio
import json
from functools import reduce
from pathlib import Path

import marisa_trie
import numpy as np

from deploy.encoder.places import VERSION
from deploy.encoder.weights import PACKAGE, Floats, Pieces, Weights, find_weights
from deploy.local.once import build_once
from services.nlu.understanding.encoder import GRAPH, ROWS, WIDTH, Encoder
from services.nlu.understanding.tokenizing import LETTERS, PIECES, SCORES

SENTENCES = Path(__file__).with_name("sentences.txt")
"""What the network is shown to learn how large the inputs of its parts become."""


def why_no_encoder() -> str | None:
    """Why the encoder cannot be built here, or `None` when it can."""
    if find_weights() is None:
        return f"the package {PACKAGE}, which carries its weights, is not for this machine"
    return None


async def build_encoder(folder: Path) -> bool:
    """Build the encoder's folder unless it is complete; returns whether it did."""
    return await build_once(folder, VERSION, lambda: asyncio.to_thread(_build, folder))


def _build(folder: Path) -> None:
    path = find_weights()
    assert path is not None
    weights = Weights(path)
    folder.mkdir(parents=True, exist_ok=True)
    _write_pieces(weights.pieces, folder)
    weights.blocks("emb.word", WIDTH).tofile(folder / ROWS)
    # Imported late: without the build's packages `prat` still starts.
    from deploy.encoder.graph import draw

    floats = draw(weights)
    peaks = _peaks(Encoder(folder, floats.SerializeToString()))
    (folder / GRAPH).write_bytes(draw(weights, peaks).SerializeToString())


def _write_pieces(pieces: Pieces, folder: Path) -> None:
    usual = {text: n for n, text in enumerate(pieces.texts) if n not in pieces.specials}
    trie = marisa_trie.Trie(list(usual))
    trie.save(str(folder / PIECES))
    ids = np.empty(len(usual), np.int32)
    for text, number in usual.items():
        ids[trie[text]] = number
    specials = np.array([pieces.begin, pieces.end, pieces.unknown], np.int32)
    np.savez(folder / SCORES, scores=pieces.scores[ids], ids=ids, specials=specials)
    letters = json.dumps(pieces.letters, ensure_ascii=False, sort_keys=True)
    (folder / LETTERS).write_text(letters, "utf-8")


def _peaks(encoder: Encoder) -> dict[str, Floats]:
    """The largest input that each linear part of the network of floats sees, per column."""
    texts = SENTENCES.read_text("utf-8").splitlines()
    shown = (encoder.watch(text) for text in texts)
    return reduce(_larger, shown)


def _larger(one: dict[str, Floats], other: dict[str, Floats]) -> dict[str, Floats]:
    return {name: np.maximum(one[name], other[name]) for name in one}
