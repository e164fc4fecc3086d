"""What a proof says: of each conversation its looks and its scan, and what is wrong with them."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tests.proof.look import Look
from tests.proof.scan import Row, leaks


@dataclass
class Ending:
    """What became of one conversation; the first look is the one before its end."""

    how: str
    canaries: int
    control_in_export: int
    looks: list[Look]
    scanned: list[Row] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Why this proves nothing, or proves the contrary; empty when all is well."""
        first, *later = self.looks
        wrong = [
            f"in clear: {place} in {', '.join(files)}"
            for place, files in leaks(self.scanned).items()
        ]
        wrong += [fault for look in later for fault in look.faults(first)]
        if not (self.control_in_export and first.opened and first.keys and first.records):
            wrong.append(
                "the control failed: nothing was found before, so finding nothing says nothing"
            )
        if not any(row.with_id for row in self.scanned):
            wrong.append(
                "the control failed: the scan does not find the conversation's id anywhere"
            )
        return wrong


@dataclass
class Proof:
    """All ways to an end; `said` are figures on the way, such as how long a sweep took."""

    endings: list[Ending]
    stack: str
    said: list[str] = field(default_factory=list)
    faulty: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def faults(self) -> list[str]:
        """What is wrong, with the way to the end before it."""
        return self.faulty + [f"{one.how}: {fault}" for one in self.endings for fault in one.faults]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        endings = [asdict(one) | {"faults": one.faults} for one in self.endings]
        return {
            "proven": not self.faults, "stack": self.stack, "endings": endings,
            "said": self.said, "faults": self.faults, "skipped": self.skipped or None,
        }  # fmt: skip
