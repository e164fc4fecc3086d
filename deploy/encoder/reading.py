"""Reads the demo shops' examples with the encoder ahead of time: a first start need not wait for it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.places import ROOT
from services.nlu.content.packs import load_folder
from services.nlu.understanding.brain import examples_of, tests_of
from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.encoder import Encoder

MERCHANT_FOLDERS = ROOT / "deploy" / "demo" / "merchants"


def read_examples(encoder: Path, learned: Path) -> int:
    """Keep the vectors of all their lines in `learned`; returns how many lines there are."""
    packs = load_folder(MERCHANT_FOLDERS, {}, datetime.now(UTC))
    lines = {
        text for pack in packs for text, _ in (*examples_of(pack.topics), *tests_of(pack.topics))
    }
    Embeddings(Encoder(encoder), learned, threads=os.cpu_count() or 1).vectors(sorted(lines))
    return len(lines)
