"""What shoppers call things: words for the same thing in five languages, endings, compounds."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from services.nlu.understanding.folding import folded

FILE = Path(__file__).with_name("retail_words.yaml")
SMALL_WORDS = Path(__file__).parents[1] / "reading" / "language_words.yaml"

SAME_THING, ITS_HEAD, ITS_KIND = 0.95, 0.86, 0.5
"""How much another word for a thing counts, one for its head ("jakke"), one for its kind ("vinter")."""

LEAST_HEAD = 4
LEAST_STEM = 3
_LISTED = (
    "ernes enes arnas ornas erna erne ene arna orna ane an ens ets er en et ar or na ne es s e a ja"
    " ssa sta lla lle ksi ista issa illa ita"
)
_ENDINGS = tuple(sorted(_LISTED.split(), key=len, reverse=True))


@cache
def _things() -> tuple[dict[str, list[int]], list[tuple[str, ...]]]:
    """The things that each word, or its stem, may mean; and the words for each thing."""
    kinds: dict[str, list[str]] = YAML(typ="safe").load(FILE.read_text("utf-8"))
    things = [
        tuple(dict.fromkeys(folded(word) for word in line.split()))
        for lines in kinds.values()
        for line in lines
    ]
    meaning: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(things):
        # An ending less must not make a thing of a small word: "vanter" are mittens, "vant" is won.
        stems = (
            short
            for short in map(stem, words)
            if len(short) >= LEAST_HEAD and short not in small_words()
        )
        for word in dict.fromkeys([*words, *stems]):
            meaning[word].append(number)
    return dict(meaning), things


@cache
def small_words() -> frozenset[str]:
    """The folded words of every sentence in the five languages; some of them name things too."""
    lists: dict[str, str] = YAML(typ="safe").load(SMALL_WORDS.read_text("utf-8"))
    return frozenset(folded(word) for words in lists.values() for word in words.split())


@cache
def _heads() -> tuple[str, ...]:
    return tuple(
        sorted((word for word in _things()[0] if len(word) >= LEAST_HEAD), key=len, reverse=True)
    )


def stem(word: str) -> str:
    """A folded word without its ending: "støvler", "støvel" and "støvlene" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            return word[: -len(ending)]
    if word.endswith("el") and len(word) > LEAST_STEM + 1:
        return word[:-2] + "l"
    return word


def is_thing(word: str) -> bool:
    """Whether a folded word is one that shoppers call a thing."""
    return bool(_meant(word))


def is_name(word: str) -> bool:
    """Whether a folded word stands in the list as it is."""
    return any(word in _things()[1][number] for number in _things()[0].get(word, ()))


def _meant(word: str) -> list[int]:
    """The things that a folded word means; a small word means one only as it is listed."""
    meaning, things = _things()
    known = meaning.get(word) or ([] if word in small_words() else meaning.get(stem(word), []))
    if word in small_words():
        return [number for number in known if word in things[number]]
    return known


def has_head(word: str) -> bool:
    """Whether a folded word is a compound of a thing."""
    return any(word != head and word.endswith(head) for head in _heads())


def forms(word: str) -> Iterator[tuple[str, float]]:
    """Other folded words that find what `word` means, each with how much it counts."""
    meaning, things = _things()
    for number in _meant(word):
        yield from ((other, SAME_THING) for other in things[number] if other != word)
    head = next((head for head in _heads() if word != head and word.endswith(head)), None)
    if head and len(word) - len(head) >= LEAST_STEM:
        for number in meaning[head]:
            yield from ((other, ITS_HEAD) for other in things[number])
        kind = word[: -len(head)]
        for number in meaning.get(kind, meaning.get(stem(kind), [])):
            yield from ((other, ITS_KIND) for other in things[number])
