"""A catalogue of 100,000 invented products: how long its index takes, what it holds, how fast it answers.

`python -m tests.bench.products [COUNT]` writes docs/figures/products.md.
"""

import json
import random
import re
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from defusedxml.ElementTree import fromstring

from services.nlu.shop.products import ALIKE, parse
from tests.bench import pages

SEED = 20261123
COUNT = 100_000
ROUNDS = 20
G = "{http://base.google.com/ns/1.0}"

BODY = """\
An invented product feed (seed {seed}) in Google's form, from its bytes to an index that answers;
then {questions} questions of visitors, {rounds} times each: milliseconds of the processor, each way in a
process of its own. Ours forgives misspellings, knows compounds, colours and sizes, and says what is in
stock; the anchor, SQLite's full-text index in memory, finds words and their beginnings, and no more.

"""
THINGS = [
    "Skalljakke",
    "Dunjakke",
    "Regnjakke",
    "Turbukse",
    "Ulltrøye",
    "Strikkegenser",
    "Fjellstøvel",
    "Joggesko",
    "Sandal",
    "Telt",
    "Sovepose",
    "Liggeunderlag",
    "Ryggsekk",
    "Hodelykt",
    "Kniv",
    "Termos",
    "Gryte",
    "Lue",
    "Votter",
    "Skjerf",
    "Sokk",
    "Påslakanset",
    "Kudde",
    "Handduk",
    "Gardin",
    "Matta",
    "Vas",
    "Skål",
    "Tallrik",
    "Ljusstake",
    "Lampa",
    "Stol",
    "Takki",
    "Housut",
    "Mekko",
    "Reppu",
    "Kengät",
    "Peitto",
    "Tyyny",
    "Kjole",
]
FIRST, LAST = (
    [
        "Stor",
        "Vid",
        "Fjell",
        "Hav",
        "Skog",
        "Vinter",
        "Nord",
        "Sol",
        "Myr",
        "Elv",
        "Bre",
        "Tind",
        "Lyng",
    ],
    ["egga", "vik", "dal", "heim", "stad", "bu", "lia", "moen"],
)
BRANDS = [
    f"{first}{last}".capitalize()
    for first in ["bark", "tun", "vard", "frost", "lun"]
    for last in ["tind", "ro", "mark", "vik"]
]
COLOURS = [
    "Svart",
    "Hvit",
    "Fjordblå",
    "Mosegrønn",
    "Tegelröd",
    "Skifergrå",
    "Mörkblå",
    "Punainen",
    "Beige",
    "Rosa",
]
SIZES = ["XS", "S", "M", "L", "XL", "36", "38", "40", "42", "44", "140x200"]
QUESTIONS = (
    "har dere skalljakke i str M", "finns det en mörkblå jacka i storlek L", "Do you sell tents?",
    "onko teillä punaisia mekkoja koossa 38", "turstøvler", "vinterjakke dame", "sovepsoe",
    "varenr FB-50021",
    "ullgensere fra Barktind", "gardiner", "noget til at sove i", "regnjakke storegga svart",
    "hvor mye koster ryggsekken",
    "kudde", "kahvinkeitin", "asdf qwerty uiop", "støvler til tur i str 42", "7038010012345",
    "jag letar efter en present till min mamma som gillar att vandra i fjällen på vintern",
)  # fmt: skip


def feed(count: int, seed: int = SEED) -> bytes:
    """An invented feed of so many products."""
    return "".join(_pieces(count, random.Random(seed))).encode()


def _pieces(count: int, chance: random.Random) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    for number in range(count):
        name = f"{chance.choice(THINGS)} {chance.choice(FIRST)}{chance.choice(LAST)} {chance.randint(1, 400)}"
        yield (
            f"<item><g:id>FB-{number}</g:id><title>{name}</title><link>https://shop.example/p/{number}</link>"
            f"<description>Et stykke godt håndverk, laget for lange dager ute og rolige kvelder inne."
            f" Nummer {number}.</description>"
            f"<g:price>{chance.randint(99, 4999)}.00 NOK</g:price><g:brand>{chance.choice(BRANDS)}</g:brand>"
            f"<g:color>{chance.choice(COLOURS)}</g:color><g:size>{chance.choice(SIZES)}</g:size>"
            f"<g:gtin>{7038010000000 + number}</g:gtin><g:item_group_id>G{number // 6}</g:item_group_id>"
            f"<g:availability>{chance.choice(['in_stock', 'out_of_stock'])}</g:availability></item>"
        )
    yield "</channel></rss>"


Search = Callable[[str], object]


def measure(count: int = COUNT) -> dict[str, float]:
    """Seconds to build, megabytes held and at the peak, milliseconds a search."""
    return _measured(count, _ours)


def _measured(count: int, build: Callable[[bytes], tuple[int, Search]]) -> dict[str, float]:
    made = feed(count)
    before = resident()
    began, used = time.perf_counter(), time.process_time()
    products, search = build(made)
    built, cpu = time.perf_counter() - began, time.process_time() - used
    times = sorted(_timed(search, text) for _ in range(ROUNDS) for text in QUESTIONS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "products": products, "feed MB": round(len(made) / 2**20, 1), "build s": round(built, 1),
        "build cpu s": round(cpu, 1), "held MB": round(resident() - before, 1),
        "peak MB over feed": round(peak - before, 1),
        "p50 ms": round(times[len(times) // 2], 2),
        "p99 ms": round(times[int(len(times) * 0.99)], 2),
    }  # fmt: skip


def _ours(made: bytes) -> tuple[int, Search]:
    catalogue = parse(made)
    return len(catalogue), lambda text: catalogue.search(text, frozenset(), ALIKE)


def _sqlite(made: bytes) -> tuple[int, Search]:
    """SQLite's full-text index in memory: whole words, or beginnings of words, best first."""
    fields = ("title", "description", *(f"{G}{name}" for name in ("brand", "color", "size", "id")))
    rows = [[item.findtext(field) for field in fields] for item in fromstring(made).iter("item")]
    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE VIRTUAL TABLE product USING fts5(title, description, brand, color, size, id)"
    )
    db.executemany("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?)", rows)
    ask = "SELECT title FROM product WHERE product MATCH ? ORDER BY rank LIMIT 10"

    def search(text: str) -> object:
        return db.execute(
            ask, [" OR ".join(f'"{word}"*' for word in re.findall(r"\w+", text))]
        ).fetchall()

    return len(rows), search


WAYS = {"ours": _ours, "SQLite FTS5": _sqlite}


def resident() -> float:
    """Megabytes that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def _timed(search: Search, text: str) -> float:
    began = time.thread_time()
    search(text)
    return (time.thread_time() - began) * 1000


def main(count: int = COUNT) -> None:
    """Measures each way in a process of its own and writes the page."""
    found: dict[str, Any] = {
        way: pages.apart("tests.bench.products", str(count), way) for way in WAYS
    }
    rows = [[name, *(found[way][name] for way in WAYS)] for name in found["ours"]]
    body = BODY.format(rounds=ROUNDS, questions=len(QUESTIONS), seed=SEED)
    pages.write("products", "Products", body + pages.table(["", *WAYS], rows))


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    if len(sys.argv) > 2:
        sys.stdout.write(json.dumps(_measured(asked, WAYS[sys.argv[2]])) + "\n")
    else:
        main(asked)
