"""The packages that names, towns and everyday words are read from; all of them under MIT.

Faker and mimesis carry names by country, `names` the surnames of the census of the United States (which
are in the public domain), finnish-name-generator the commonest of Finland.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from typing import Any

HERE_FAKER = ("no_NO", "sv_SE", "da_DK", "fi_FI", "en_GB", "en_US", "en_IE", "en")
HERE_MIMESIS = ("no", "sv", "da", "fi", "en", "en-gb")
"""The shops' five languages."""

POPULAR = ("no_NO", "sv_SE", "da_DK", "fi_FI", "en_GB", "en_US")
"""Lists so short that only names that many people bear are in them."""

CENSUS_HERE, CENSUS_ALL = 3_000, 25_000
"""The commonest surnames of the census that count as well known, and that count at all."""


def given(where: str = "all") -> Iterator[str]:
    """Given names: of `all` the world, of `here`, or the `popular` ones of here."""
    for locale in {"all": _faker_locales(), "here": HERE_FAKER, "popular": POPULAR}[where]:
        yield from _of_faker(locale, "first_name")
    if where != "all":
        yield from import_module("finnish_name_generator").first_names
    for locale in {"all": _mimesis_locales(), "here": HERE_MIMESIS}.get(where, ()):
        yield from _flat(_of_mimesis(locale, "person").get("names", {}))


def family(where: str = "all") -> Iterator[str]:
    """Surnames: of `all` the world, or of `here`."""
    for locale in {"all": _faker_locales(), "here": HERE_FAKER}[where]:
        yield from _of_faker(locale, "last_name")
    for locale in {"all": _mimesis_locales(), "here": HERE_MIMESIS}[where]:
        yield from _flat(_of_mimesis(locale, "person").get("surnames", {}))
    yield from import_module("finnish_name_generator").family_names
    yield from _census(CENSUS_HERE if where == "here" else CENSUS_ALL)


def towns() -> Iterator[str]:
    """Towns of the five countries; those of America bear too many people's names."""
    for locale in set(HERE_MIMESIS) - {"en"}:
        yield from _flat(_of_mimesis(locale, "address").get("city", []))


def words() -> Iterator[str]:
    """Everyday words of the five languages."""
    for locale in HERE_MIMESIS[:-1]:
        yield from _flat(_of_mimesis(locale, "text").get("words", {}))


def _faker_locales() -> list[str]:
    folder = files("faker") / "providers" / "person"
    return sorted(one.name for one in folder.iterdir() if one.is_dir() and one.name[0] != "_")


def _mimesis_locales() -> list[str]:
    folder = files("mimesis") / "datasets"
    return sorted(one.name for one in folder.iterdir() if (one / "person.json").is_file())


def _of_faker(locale: str, field: str) -> Iterator[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    for name in sorted(dir(provider)):
        value = getattr(provider, name)
        if name.startswith(field) and isinstance(value, str | dict | list | tuple):
            yield from _flat(value)


def _of_mimesis(locale: str, file: str) -> dict[str, Any]:
    path = files("mimesis") / "datasets" / locale / f"{file}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _census(most: int) -> Iterator[str]:
    lines = (files("names") / "dist.all.last").read_text("utf-8").splitlines()
    yield from (line.split()[0].capitalize() for line in lines[:most])


def _flat(value: Any) -> Iterator[str]:
    """The texts in nested lists; of a table with weights, its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(key if isinstance(inner, int | float) else inner)
    else:
        for inner in value:
            yield from _flat(inner)
