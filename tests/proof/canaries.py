"""Texts that stand nowhere else in the world, one for each place where a person may write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

CHUNK = 1 << 20


@dataclass
class Canaries:
    """What was planted, by the place; asked for a place, a new one is made."""

    planted: dict[str, str] = field(default_factory=dict)

    def __call__(self, place: str) -> str:
        """The canary of a place: letters and digits that no masking changes."""
        return self.planted.setdefault(place, f"kanari{token_hex(8)}")

    def order_number(self, place: str) -> str:
        """One of eight digits, as forms want it; it does not begin like a date or a time."""
        return self.planted.setdefault(place, f"97{int(token_hex(4), 16) % 10**6:06d}")

    def needles(self) -> dict[str, tuple[bytes, ...]]:
        """What to look for: each canary as bytes, also as UTF-16 where that is no accident."""
        return {place: _spellings(text) for place, text in self.planted.items()}


def _spellings(text: str) -> tuple[bytes, ...]:
    return text.encode(), text.encode("utf-16-le"), text.upper().encode()


def found_in(path: Path, needles: Mapping[str, tuple[bytes, ...]]) -> set[str]:
    """The places whose canaries lie in a file, in clear."""
    longest = max((len(one) for forms in needles.values() for one in forms), default=0)
    found, tail = set(), b""
    for chunk in _chunks(path):
        # Logs on the bus are made with room to spare: most of their bytes are none.
        if chunk.count(0) == len(chunk):
            tail = b""
            continue
        window = tail + chunk
        found |= {place for place, forms in needles.items() if any(one in window for one in forms)}
        tail = window[-longest:] if longest else b""
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
