"""A catalogue of 100,000 invented products: how long its index takes, what it holds, how fast it answers.

`python -m tests.bench.products [COUNT]`
"""

import random
import resource
import sys
import time
from collections.abc import Iterator

from services.nlu.shop.products import ALIKE, parse

SEED = 20261123
COUNT = 100_000
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


def measure(count: int = COUNT) -> dict[str, float]:
    """Seconds to build, megabytes held and at the peak, milliseconds a search."""
    made = feed(count)
    before = resident()
    began, used = time.perf_counter(), time.process_time()
    catalogue = parse(made)
    built, cpu = time.perf_counter() - began, time.process_time() - used
    times = sorted(_timed(catalogue.search, text) for _ in range(20) for text in QUESTIONS)
    return {
        "products": len(catalogue), "feed MB": round(len(made) / 2**20, 1),
        "build s": round(built, 1),
        "build cpu s": round(cpu, 1), "held MB": round(resident() - before, 1),
        "peak MB over feed": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before, 1),
        "p50 ms": round(times[len(times) // 2], 2),
        "p99 ms": round(times[int(len(times) * 0.99)], 2),
    }  # fmt: skip


def resident() -> float:
    """Megabytes that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def _timed(search: object, text: str) -> float:
    assert callable(search)
    began = time.thread_time()
    search(text, frozenset(), ALIKE)
    return (time.thread_time() - began) * 1000


if __name__ == "__main__":
    for name, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT).items():
        sys.stdout.write(f"| {name} | {value} |\n")
