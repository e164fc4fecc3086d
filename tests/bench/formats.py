"""How facts are typed in the measurement of entities: three sets of formats, kept apart."""

import random
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from libs.privacy.shipments import s10_check

Typed = tuple[str, str]
"""What is typed, and the value that must be found."""

_POOLS: dict[str, Any] = YAML(typ="safe").load(
    (Path(__file__).parent / "data" / "entity_formats.yaml").read_text("utf-8")
)
SIMPLE = ("date", "amount", "postcode", "card", "article")
"""Holes that are filled from a list."""

NAMES = "kari ola stina nils aino june mads tuula peter ingrid bo liv".split()  # noqa: SIM905 - easier to read
SCRIPTS = {"wide": 0xFF10, "fat": 0x1D7CE}
"""Digits that are not ASCII: the zero of each script."""


def pattern(chance: random.Random, kind: str) -> str:
    """How a merchant's order numbers look."""
    return str(chance.choice(_POOLS["patterns"][kind]))


def simple(chance: random.Random, kind: str, name: str) -> str:
    """A day, a sum, a postcode, a card or an article number, none of which is looked for."""
    return str(chance.choice(_POOLS[f"{name}s"][kind]))


def digits(chance: random.Random, count: int) -> str:
    """So many digits, the first of them no 0."""
    return chance.choice("123456789") + "".join(chance.choices("0123456789", k=count - 1))


def order(chance: random.Random, kind: str, language: str, pattern: str) -> Typed:
    """An order number that fits `pattern`, and how it is typed."""
    value = _value(chance, pattern)
    before, between = chance.choice(_POOLS["orders"][kind])
    if before in SCRIPTS:
        zero = SCRIPTS[before]
        return "".join(chr(zero + int(c)) if c.isdigit() else c for c in value), value
    if before in {"each", "words"} and not value.isdigit():
        return value.lower(), value
    if before == "each":
        return between.join(value), value
    if before == "words":
        return " ".join(_POOLS["words"][language].split()[int(digit)] for digit in value), value
    half = len(value) // 2 if value.isdigit() else len(value)
    after = {"(": ")", "“": "”", "[": "]", "*": "*"}.get(before, "")
    typed = between.join(filter(None, [value[:half], value[half:]]))
    return before + typed + after, value


def _value(chance: random.Random, pattern: str) -> str:
    """A number that fits; eight digits begin like an order book's, not like a telephone or a year."""
    for plain, form in _POOLS["forms"].items():
        if pattern == plain:
            return (
                chance.choice("123") + _filled(chance, form[1:])
                if form[0] == "#"
                else _lettered(chance, form)
            )
    raise LookupError(pattern)


def _lettered(chance: random.Random, form: str) -> str:
    """A form with a capital for each @."""
    return "".join(
        chance.choice("ABCDEFGHJKLPTW") if c == "@" else c for c in _filled(chance, form)
    )


def tracking(chance: random.Random, kind: str) -> Typed:
    """A parcel number and how it is typed."""
    serial = digits(chance, 8)
    letters, country = (
        chance.choice(["RR", "CX", "UA", "LB", "EE"]),
        chance.choice(["NO", "SE", "DK", "FI", "DE"]),
    )
    s10 = f"{letters}{serial}{s10_check(serial)}{country}"
    value = chance.choice([s10, s10, *(_filled(chance, form) for form in _POOLS["parcels"][kind])])
    ways = {
        "dev": (value, _spaced(value, 4)),
        "second": (
            value,
            value,
            value.lower(),
            _spaced(value, 3),
            f"{value[:2]} {value[2:11]} {value[11:]}",
        ),
        "held_out": (value, value, _spaced(value, 5), f"{value}.", f"#{value}"),
    }
    typed = chance.choice(ways[kind])
    return (typed if value == s10 or not typed.startswith(f"{value[:2]} ") else value), value


def _filled(chance: random.Random, form: str) -> str:
    """A form with a digit for each # and a capital or a digit for each ?."""
    return "".join(
        chance.choice("0123456789")
        if sign == "#"
        else chance.choice("0123456789ABEFW")
        if sign == "?"
        else sign
        for sign in form
    )


def _spaced(value: str, size: int) -> str:
    """Digits in groups, after two letters where there are any; other forms stay."""
    start = 2 if value[:2].isalpha() and value[2:].isdigit() else 0
    if not value[start:].isdigit():
        return value
    groups = [value[n : n + size] for n in range(start, len(value), size)]
    return " ".join(filter(None, [value[:start], *groups]))


def email(chance: random.Random, kind: str, language: str) -> Typed:
    """An address and how it is typed."""
    first, last = chance.sample(NAMES, 2)
    year = chance.randint(1, 99)
    locals_ = {
        "dev": (f"{first}.{last}", f"{first}{year}", f"{first}_{last}"),
        "second": (
            f"{first}.{last}+shop",
            f"{first}-{last}",
            f"{first[0]}.{last}",
            f"{first}{last}",
            f"{first}.{last}.7{year % 10}",
        ),
        "held_out": (
            f"{first}{last[0]}",
            f"{last}.{first}99",
            f"{first}_{last}_2",
            f"post+{first}",
            f"{first}.{last}",
        ),
    }
    value = f"{chance.choice(locals_[kind])}@{chance.choice(_POOLS['hosts'][kind])}"
    at, dot = _POOLS["at_dot"][kind][language]
    odd = {
        "dev": (value.replace("@", " @ "),),
        "second": (
            value.upper(),
            f"<{value}>",
            f"mailto:{value}",
            f"({value})",
            value.replace("@", "＠"),
            f"'{value}'",
        ),
        "held_out": (
            value.title(),
            f"*{value}*",
            f"“{value}”",
            f"{value}.",
            f"e-post:{value}",
            value.replace("@", "@\u200b"),
        ),
    }
    style = chance.randrange(6)
    if style == 0 and "+" not in value:
        return value.replace("@", f" {at} ").replace(".", f" {dot} "), value
    return (value if style > 2 else chance.choice(odd[kind])), value


def phone(chance: random.Random) -> Typed:
    """A telephone number of a test range and how it is typed."""
    number = chance.choice(["40000", "41100", "99990"]) + f"{chance.randint(0, 999):03}"
    finnish, swedish = f"040{chance.randint(1000000, 9999999)}", f"07017406{chance.randint(10, 99)}"
    return chance.choice([
        (f"+47 {number[:3]} {number[3:5]} {number[5:]}", f"+47{number}"),
        (f"+47{number}", f"+47{number}"),
        (f"{number[:3]} {number[3:5]} {number[5:]}", number),
        (f"{finnish[:3]} {finnish[3:6]} {finnish[6:]}", finnish),
        (f"{swedish[:3]}-{swedish[3:6]} {swedish[6:8]} {swedish[8:]}", swedish),
        (f"0047 {number}", f"+47{number}"),
        (f"+358 {finnish[1:3]} {finnish[3:]}", f"+358{finnish[1:]}"),
        (f"+46 70 174 06 {swedish[8:]}", f"+46{swedish[1:]}"),
    ])  # fmt: skip
