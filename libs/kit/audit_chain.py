"""The chain of an audit log: how an entry is hashed, how its ends are signed, how a change is found.

Pure. Each entry holds the SHA-256 of the one before it, so nothing can be changed, removed or moved
without the next hash not fitting. The two ends, the newest entry and the one before the oldest that is
kept, are signed with a key that does not lie in the store (HMAC-SHA-256), so that neither a chain that
was hashed anew nor one that was shortened passes.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

Row = Mapping[str, Any]

GENESIS = "0" * 64
"""What the first entry holds in place of a hash."""

MOST_PROBLEMS = 100
"""More are counted, not listed."""


@dataclass(frozen=True)
class End:
    """An end of the chain: the number and the hash of an entry, signed."""

    seq: int
    hash: str
    signature: str

    @classmethod
    def signed(cls, key: bytes, name: str, seq: int, digest: str) -> "End":
        """The end called `name`, head or anchor, at this entry."""
        return cls(seq, digest, _signature(key, name, seq, digest))

    @classmethod
    def of(cls, row: Row) -> "End":
        """The end that a document holds."""
        return cls(int(row["seq"]), str(row["hash"]), str(row["signature"]))

    def is_signed(self, key: bytes, name: str) -> bool:
        """Whether the holder of the key signed it under this name."""
        right = _signature(key, name, self.seq, self.hash)
        return hmac.compare_digest(right, self.signature)


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was written: at which entry, and what."""

    seq: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.what}"


@dataclass
class Check:
    """Goes through a chain in order; `problems` says what does not fit."""

    anchor: End | None
    entries: int = 0
    found: int = 0
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seq = self.anchor.seq if self.anchor else 0
        self.hash = self.anchor.hash if self.anchor else GENESIS

    def read(self, row: Row) -> None:
        """The next entry."""
        seq = int(row["_id"])
        self._gap(self.seq + 1, seq - 1)
        right = digest_of(row)
        if right != row.get("hash"):
            self.problem(seq, "was changed: its hash does not fit what it says")
        elif seq == self.seq + 1 and row.get("prev") != self.hash:
            self.problem(seq, "does not follow the entry before it")
        self.entries += 1
        self.seq, self.hash = seq, str(row.get("hash"))

    def ends_at(self, head: End) -> None:
        """What was written last, as it was signed."""
        self._gap(self.seq + 1, head.seq)
        if self.seq > head.seq or (self.seq == head.seq and self.hash != head.hash):
            self.problem(self.seq, "is not what was signed as the newest")

    def problem(self, seq: int, what: str) -> None:
        """Notes what does not fit."""
        self.found += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(seq, what))

    def _gap(self, first: int, last: int) -> None:
        if first == last:
            self.problem(first, "is missing")
        elif first < last:
            self.problem(first, f"is missing, and so is every one up to {last}")


def digest_of(row: Row) -> str:
    """The SHA-256 of everything that an entry says, in a form of which there is only one."""
    said = {name: _plain(value) for name, value in row.items() if name != "hash"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return value


def _signature(key: bytes, name: str, seq: int, digest: str) -> str:
    return hmac.new(key, f"{name}|{seq}|{digest}".encode(), sha256).hexdigest()
