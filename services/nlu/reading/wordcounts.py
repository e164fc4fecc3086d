"""How often the starter pack's examples use each word in each language, kept in `language_counts.csv`.

`python -m services.nlu.reading.wordcounts` writes the file anew; worth it when many examples have changed.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from libs.contracts.content import LANGUAGES, Language

FILE = Path(__file__).with_name("language_counts.csv")
PACK = Path(__file__).parents[1] / "packs" / "retail"
LEAST = 2
"""A word that stands in fewer examples is more likely a typo or a name."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")

Counts = Mapping[Language, Counter[str]]


def words_in(text: str) -> list[str]:
    """The words of a text as they are counted."""
    return _WORD.findall(text.casefold())


def count(examples: Iterable[tuple[Language, str]]) -> Counts:
    """In how many examples of each language every word stands."""
    counts: dict[Language, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, text in examples:
        counts[language].update({*words_in(text)})
    return counts


def read() -> Counts:
    """The counts as they were written."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        language: Counter({row["word"]: int(row[language]) for row in rows if row[language]})
        for language in LANGUAGES
    }


def written(counts: Counts) -> str:
    """The file's text: a word a line, in order of the alphabet."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["word", *LANGUAGES])
    for word in sorted({word for words in counts.values() for word in words}):
        row = [counts[language][word] for language in LANGUAGES]
        if sum(row) >= LEAST:
            table.writerow([word, *(number or "" for number in row)])
    return out.getvalue()


def _examples() -> Iterable[tuple[Language, str]]:
    from ruamel.yaml import YAML

    for path in sorted(PACK.glob("*.yaml")):
        topic = YAML(typ="safe").load(path.read_text("utf-8"))
        for language, texts in (topic.get("examples") or {}).items():
            yield from ((language, str(text)) for text in texts)


if __name__ == "__main__":
    FILE.write_text(written(count(_examples())), "utf-8")
