"""The language of short lines under three priors: `python -m tests.bench.language FOLDER`.

FOLDER holds JSON lines of {"text", "lang"}; the prior is the line's own language (most conversations),
a neighbour's (the first message after a switch), or Norwegian for all (nothing is known).
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from libs.contracts.content import LANGUAGES, Language
from services.nlu.reading.language import LanguageDetector

SETS = ("nordic_smoke", "language.sentences", "norsid.nb.dev", "xsid.da.test", "xsid.en.test")
NEIGHBOUR: dict[Language, Language] = {"nb": "da", "da": "nb", "sv": "nb", "fi": "sv", "en": "nb"}
PRIORS: dict[str, Callable[[Language], Language]] = {
    "own": lambda language: language,
    "neighbour": lambda language: NEIGHBOUR[language],
    "nb for all": lambda _: "nb",
}


def measure(folder: Path) -> str:
    """A Markdown table of the share that is right, and what nb and da are taken for."""
    detector = LanguageDetector()
    head = "| set | prior | lines | right % | " + " | ".join(LANGUAGES) + " | nb as da | da as nb |"
    rows = [head, "|---" * (head.count("|") - 1) + "|"]
    for name in SETS:
        lines = [
            json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
        ]
        rows += [f"| {name} | {prior} | {_row(detector, lines, PRIORS[prior])}" for prior in PRIORS]
    return "\n".join([*rows, "", _speed(detector, folder)]) + "\n"


def _row(
    detector: LanguageDetector,
    lines: list[dict[str, Language]],
    prior: Callable[[Language], Language],
) -> str:
    told = Counter(
        (line["lang"], detector.language(line["text"], prior(line["lang"]), LANGUAGES))
        for line in lines
    )
    each = {
        language: sum(number for (real, _), number in told.items() if real == language)
        for language in LANGUAGES
    }
    right = sum(number for (real, taken), number in told.items() if real == taken)
    parts = [f"{100 * told[one, one] / each[one]:.1f}" if each[one] else "" for one in LANGUAGES]
    share = f"{len(lines)} | {100 * right / len(lines):.1f} | " + " | ".join(parts)
    return f"{share} | {told['nb', 'da']} | {told['da', 'nb']} |"


def _speed(detector: LanguageDetector, folder: Path) -> str:
    texts = [
        json.loads(line)["text"]
        for line in (folder / "nordic_smoke.jsonl").read_text("utf-8").splitlines()
    ]
    began = time.process_time()
    for text in texts * 10:
        detector.language(text, "nb", LANGUAGES)
    return f"{(time.process_time() - began) / len(texts) * 100:.3f} ms a message"


if __name__ == "__main__":
    sys.stdout.write(measure(Path(sys.argv[1])))
