"""Facts in messages on formats that were not developed on: F1 by type and language.

`python -m tests.bench.entities [dev|second|held_out]`; formats and sentences of the three
sets are kept apart, and `held_out` was never developed on.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from libs.contracts.content import EntityType
from services.nlu.reading.entities import find_entities
from tests.bench import formats

LINES = Path(__file__).parent / "data" / "entity_lines.yaml"
TYPES: tuple[EntityType, ...] = ("order_number", "tracking_number", "email", "phone")
ROUNDS = 40
SEED = 20261123


@dataclass(frozen=True)
class Case:
    """One message with the facts that it holds."""

    text: str
    language: str
    pattern: str
    facts: frozenset[tuple[EntityType, str]]


def cases(kind: str, rounds: int = ROUNDS, seed: int = SEED) -> Iterator[Case]:
    """Every sentence of a set, filled in again and again."""
    lines: dict[str, list[str]] = YAML(typ="safe").load(LINES.read_text("utf-8"))[kind]
    chance = random.Random(seed)
    for language, templates in lines.items():
        for _ in range(rounds):
            for template in templates:
                yield _case(chance, kind, language, template)


def _case(chance: random.Random, kind: str, language: str, template: str) -> Case:
    pattern = formats.pattern(chance, kind)
    text, facts = template, set[tuple[EntityType, str]]()
    makers: dict[str, tuple[EntityType, Callable[[], formats.Typed]]] = {
        "{order}": ("order_number", lambda: formats.order(chance, kind, language, pattern)),
        "{tracking}": ("tracking_number", lambda: formats.tracking(chance, kind)),
        "{email}": ("email", lambda: formats.email(chance, kind, language)),
        "{phone}": ("phone", lambda: formats.phone(chance)),
    }
    for name in formats.SIMPLE:
        text = text.replace(f"{{{name}}}", formats.simple(chance, kind, name))
    for hole, (fact, make) in makers.items():
        while hole in text:
            typed, value = make()
            text = text.replace(hole, typed, 1)
            facts.add((fact, value))
    return Case(text, language, pattern, frozenset(facts))


def measure(kind: str, show: int = 0, rounds: int = ROUNDS) -> dict[tuple[str, str], float]:
    """F1 by type and language, and by type over all of them (language "all")."""
    right, wrong, missed = (Counter[tuple[str, str]]() for _ in range(3))
    for case in cases(kind, rounds):
        found = {
            (one.type, one.value)
            for one in find_entities(case.text, case.pattern).found
            if one.type in TYPES
        }
        for counter, facts in (
            (right, found & case.facts),
            (wrong, found - case.facts),
            (missed, case.facts - found),
        ):
            for fact, _ in facts:
                counter.update([(fact, case.language), (fact, "all")])
        if found != case.facts and show:
            show -= 1
            sys.stdout.write(
                f"{case.pattern!r} {case.text!r}\n  wrong {found - case.facts} missed {case.facts - found}\n"
            )
    keys = sorted({*right, *wrong, *missed})
    return {key: 2 * right[key] / (2 * right[key] + wrong[key] + missed[key]) for key in keys}


def table(scores: dict[tuple[str, str], float]) -> str:
    """The figures as a Markdown table."""
    languages = ("all", "nb", "sv", "da", "fi", "en")
    rows = [
        f"| {kind} | "
        + " | ".join(f"{scores.get((kind, language), 0):.4f}" for language in languages)
        + " |"
        for kind in TYPES
    ]
    return "\n".join(["| F1 | " + " | ".join(languages) + " |", "|---" * 7 + "|", *rows]) + "\n"


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "held_out"
    sys.stdout.write(table(measure(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else 0)))
