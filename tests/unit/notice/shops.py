"""Invented shops for notices: with and without sub-processors, in and out of the EEA."""

from typing import Any

from libs.contracts.content import Merchant, Privacy, SubProcessor
from tests.builders import everywhere, merchant

DRIFT = SubProcessor(name="Nordvakt Drift AS", country="NO", does=everywhere("servers"))
FAR = SubProcessor(
    name="Farhost Inc", country="US", does=everywhere("e-mail"), safeguard="standard_clauses"
)
BELOW = {"plain": (), "below": (DRIFT,), "abroad": (DRIFT, FAR)}


def shop(shape: str = "plain", *, country: str = "NO", **changes: Any) -> Merchant:
    """A shop with everything that its notice needs; `changes` are of the merchant."""
    privacy = Privacy.model_validate({
        "contact": "personvern@fjellbekk.example", "country": country, "agreement": "1.0",
        "sub_processors": BELOW[shape],
    })  # fmt: skip
    own: dict[str, Any] = {"privacy": privacy, "languages": ("nb", "sv", "da", "fi", "en")}
    return merchant(**(own | changes))
