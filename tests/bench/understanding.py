"""Understanding on public sets and on retail questions: ours, ours without the encoder, an anchor.

`python -m tests.bench.understanding [DATA]` measures all three in one run on the same lines and writes
docs/figures/nlu.md. DATA is the folder of the public sets; what is not there is left out. Each
measurement has a process of its own, so that its memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from deploy.encoder.places import encoder_folder, learned_folder
from deploy.local.places import Places
from tests.bench.pages import machine
from tests.bench.understanding_page import STARTER, page

REPORT = Path("docs/figures/nlu.md")
RETAIL = Path(__file__).parent / "data"
OUT = "out_of_scope"
TIMED = 300
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Set:
    """A measurement: what teaches, what is asked."""

    name: str
    train: str
    test: str


SETS = (
    Set("BANKING77, 10-shot", "banking77.train10", "banking77.test"),
    Set("BANKING77, full", "banking77.train", "banking77.test"),
    Set("CLINC150, 10-shot", "clinc150.train10", "clinc150.test"),
    Set("CLINC150, full", "clinc150.train", "clinc150.test"),
    Set("Bitext hard, 5-shot", "bitext.train5", "bitext.hard5"),
    Set("Bitext hard, 10-shot", "bitext.train10", "bitext.hard10"),
)
PACK = Set(STARTER, "", "retail")
WAYS = ("ours", "light", "anchor")


def measure(way: str, which: Set, data: Path) -> dict[str, Any]:
    """One way on one set."""
    return _anchor(which, data) if way == "anchor" else _ours(which, data, light=way == "light")


def _ours(which: Set, data: Path, *, light: bool) -> dict[str, Any]:
    from services.nlu.content.starter import starter_pack
    from services.nlu.evaluation.evaluation import evaluate
    from services.nlu.evaluation.labelled import read_labelled
    from services.nlu.understanding.embeddings import Embeddings
    from services.nlu.understanding.encoder import Encoder

    cache = Places.at().cache
    embeddings = None
    if not light:
        kept = learned_folder(cache) if which == PACK else None
        embeddings = Embeddings(Encoder(encoder_folder(cache)), kept, threads=os.cpu_count() or 1)
    test = [line for path in _tests(which, data) for line in read_labelled(path)]
    taught = starter_pack(NOW) if which == PACK else read_labelled(data / f"{which.train}.jsonl")
    report = evaluate(taught, test, embeddings, 0.05)
    return report.as_row()


def _tests(which: Set, data: Path) -> list[Path]:
    return (
        sorted(RETAIL.glob("retail.*.jsonl")) if which == PACK else [data / f"{which.test}.jsonl"]
    )


def _anchor(which: Set, data: Path) -> dict[str, Any]:
    """TF-IDF of letters and words under a linear SVC; the margin says how sure it is."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    from services.nlu.content.starter import starter_pack
    from services.nlu.understanding.brain import examples_of

    if which == PACK:
        taught = examples_of(starter_pack(NOW).topics)
        texts, labels = [text for text, _ in taught], [key for _, key in taught]
    else:
        texts, labels = _columns([data / f"{which.train}.jsonl"])
    asked, expected = _columns(_tests(which, data))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    model = make_pipeline(make_union(letters, TfidfVectorizer(ngram_range=(1, 2))), LinearSVC())
    began = time.perf_counter()
    model.fit(texts, labels)
    seconds = time.perf_counter() - began
    margins = model.decision_function(asked)
    right = model.classes_[margins.argmax(axis=1)] == np.array(expected)
    return {
        "accuracy": float(right[np.array(expected) != OUT].mean()),
        "training_seconds": round(seconds, 1),
        "message_ms_p50": _milliseconds(model, asked[:TIMED]),
        **_out_of_scope(margins.max(axis=1), np.array(expected) == OUT),
    }


def _columns(paths: Sequence[Path]) -> tuple[list[str], list[str]]:
    lines = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return [line["text"] for line in lines], [line["label"] for line in lines]


def _milliseconds(model: Any, texts: Sequence[str]) -> float:
    took = []
    for text in texts:
        began = time.perf_counter()
        model.predict([text])
        took.append((time.perf_counter() - began) * 1000)
    return round(float(np.median(took)), 2)


def _out_of_scope(sureness: np.ndarray, outside: np.ndarray) -> dict[str, float | None]:
    from sklearn.metrics import roc_auc_score

    if not outside.any():
        return {"auroc": None, "recall": None}
    bar = np.quantile(sureness[~outside], 0.05)
    recall = float((sureness[outside] < bar).mean())
    return {"auroc": float(roc_auc_score(~outside, sureness)), "recall": recall}


def _apart(way: str, which: Set, data: Path) -> dict[str, Any]:
    """The measurement in a process of its own, on one thread."""
    command = [sys.executable, "-m", "tests.bench.understanding", str(data)]
    answer = subprocess.run(
        [*command, "--way", way, "--set", which.name],
        check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    sys.stderr.write(f"{which.name}: {way}\n")
    return figures


def main() -> None:
    """Measures everything, or one thing in a child; the page is written at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=RETAIL)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--set")
    asked = parser.parse_args()
    known = [one for one in SETS if (asked.data / f"{one.train}.jsonl").exists()] + [PACK]
    if asked.way:
        which = next(one for one in known if one.name == asked.set)
        sys.stdout.write(json.dumps(measure(asked.way, which, asked.data)) + "\n")
        return
    figures = {one.name: {way: _apart(way, one, asked.data) for way in WAYS} for one in known}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(page(figures, machine()), "utf-8")


if __name__ == "__main__":
    main()
