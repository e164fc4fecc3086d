"""The language of short lines, as the bot tells it and by eldc alone, under three priors.

`python -m tests.bench.language [FOLDER]` writes docs/figures/language.md. FOLDER holds public sets of
JSON lines with {"text", "lang"}; those that are not there are left out. The prior is the line's own
language (most conversations), a neighbour's (the first message after a switch), or Norwegian for all
(nothing is known).
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import eldc

from libs.contracts.content import LANGUAGES, Language
from services.nlu.reading.language import LanguageDetector
from tests.bench import pages

RETAIL = Path(__file__).parent / "data"
PUBLIC = ("nordic_smoke", "language.sentences", "norsid.nb.dev", "xsid.da.test", "xsid.en.test")
NEIGHBOUR: dict[Language, Language] = {"nb": "da", "da": "nb", "sv": "nb", "fi": "sv", "en": "nb"}
PRIORS: dict[str, Callable[[Language], Language]] = {
    "own": lambda language: language,
    "neighbour": lambda language: NEIGHBOUR[language],
    "nb for all": lambda _: "nb",
}
CODES: dict[str, Language] = {"no": "nb", "sv": "sv", "da": "da", "fi": "fi", "en": "en"}
HEAD = ("set", "prior", "lines", "right %", *LANGUAGES, "nb as da", "da as nb")

Line = dict[str, Language]
Teller = Callable[[str, Language], Language]
"""The language of a text, given the prior."""

BODY = """\
*Retail* are the questions of `tests/bench/data`, which nothing was taught with{others}. The prior is the
line's own language (most conversations), a neighbour's (the first message after a switch), or Norwegian for
all (nothing is known); then the share that is right by language, and how often the closest two are confused.
The bot trusts its prior: it gains where a conversation goes on, and loses where a short line is both.

{ours}
One message takes {ours_ms:.3f} ms.

## An anchor: eldc alone

The same lines by the package that ours asks, too, without words, examples or a prior.

{anchor}
One message takes {anchor_ms:.3f} ms.

## Measured elsewhere

Right %, without a prior, on other lines (230 of customer service; 1,500 of xSID and NorSID; 2,500 of news):

| package | customer service | xSID nb/da/en | news |
|---|---|---|---|
| langidentify 1.0.2, full model | 97.8 | 92.9 | 99.3 |
| eldc 0.4.0, five languages | 97.0 | 90.5 | 99.1 |
| py3langid 0.4.0, five languages | 95.7 | 90.7 | 98.4 |
| lingua 2.1.1, five languages | 94.3 | 84.9 | 98.4 |
| langdetect | 82.6 | 72.7 | 95.8 |
"""


def sets(folder: Path | None) -> dict[str, list[Line]]:
    """The lines of our own set, and of the public ones that are in the folder."""
    retail = [line for path in sorted(RETAIL.glob("retail.*.jsonl")) for line in _lines(path)]
    public = {name: folder / f"{name}.jsonl" for name in PUBLIC} if folder else {}
    there = {name: _lines(path) for name, path in public.items() if path.exists()}
    return {"retail": retail, **there}


def _lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def ours() -> Teller:
    """As the bot tells it."""
    detector = LanguageDetector()
    return lambda text, prior: detector.language(text, prior, LANGUAGES)


def anchor() -> Teller:
    """By eldc alone, among the five."""
    eldc.init()
    detector = eldc.instance()
    detector.set_languages(list(CODES))
    return lambda text, prior: CODES.get(detector.detect(text), prior)


def row(tell: Teller, lines: Sequence[Line], prior: Callable[[Language], Language]) -> list[object]:
    """How many lines, the share that is right, by language, and the closest two confused."""
    told = Counter((line["lang"], tell(line["text"], prior(line["lang"]))) for line in lines)
    each = Counter(line["lang"] for line in lines)
    right = sum(told[one, one] for one in LANGUAGES)
    shares = [f"{100 * told[one, one] / each[one]:.1f}" if each[one] else "–" for one in LANGUAGES]
    return [
        len(lines),
        f"{100 * right / len(lines):.1f}",
        *shares,
        told["nb", "da"],
        told["da", "nb"],
    ]


def milliseconds(tell: Teller, lines: Sequence[Line]) -> float:
    """What a message takes."""
    began = time.process_time()
    for line in lines:
        tell(line["text"], "nb")
    return (time.process_time() - began) / len(lines) * 1000


def main(folder: Path | None) -> None:
    """Measures and writes the page."""
    found, bot, alone = sets(folder), ours(), anchor()
    mine = [
        [name, prior, *row(bot, lines, PRIORS[prior])]
        for name, lines in found.items()
        for prior in PRIORS
    ]
    theirs = [[name, "none", *row(alone, lines, PRIORS["own"])] for name, lines in found.items()]
    body = BODY.format(
        others="; the others are public sets" if len(found) > 1 else "",
        ours=pages.table(HEAD, mine), ours_ms=milliseconds(bot, found["retail"]),
        anchor=pages.table(HEAD, theirs), anchor_ms=milliseconds(alone, found["retail"]),
    )  # fmt: skip
    pages.write("language", "Language", body, options=" --data FOLDER" if folder else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
