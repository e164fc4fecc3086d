"""What the invented visitors say: one file a shop, own written lines in five languages."""

from dataclasses import dataclass
from pathlib import Path

from deploy.demo.shop.catalogue import load_yaml
from deploy.local.layout import MERCHANTS

LINES = Path(__file__).parent


@dataclass(frozen=True)
class Visit:
    """One visitor: the shop, the page's language, and what they say, line by line."""

    merchant_id: str
    locale: str
    lines: tuple[str, ...]


def every_visit() -> tuple[Visit, ...]:
    """The visitors of all demo shops."""
    return tuple(visit for merchant in MERCHANTS for visit in visits_of(merchant))


def visits_of(merchant_id: str) -> list[Visit]:
    """The visitors of one shop."""
    said: dict[str, list[list[str]]] = load_yaml(LINES / f"{merchant_id}.yaml")
    return [
        Visit(merchant_id, locale, tuple(lines)) for locale, many in said.items() for lines in many
    ]
