"""Who gets the next case: the longest wait first, to the fitting agent with most room. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from services.handoff.case import Case
from services.handoff.rights import EVERY_SKILL

Key = tuple[str, str]
"""A queue: merchant and skill."""


@dataclass(frozen=True)
class Seat:
    """An agent who is online, what this person may be given, and how much of it still."""

    agent_id: str
    name: str
    grants: dict[str, frozenset[str]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    capacity: int = 1
    busy: int = 0

    @property
    def free(self) -> int:
        """Cases that still may be given; claiming more by hand makes it 0, not less."""
        return max(0, self.capacity - self.busy)

    def serves(self, merchant_id: str, skill: str) -> bool:
        """Whether cases of this merchant and skill are this agent's business."""
        skills = self.grants.get(merchant_id, frozenset())
        return EVERY_SKILL in skills or skill in skills

    def fits(self, case: Case) -> bool:
        """Whether this agent may be given the case: by merchant, skill and language, and not again."""
        speaks = not self.languages or case.locale in self.languages
        is_new = case.returned_by != self.agent_id
        return is_new and speaks and self.serves(case.merchant_id, case.skill)


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Longest wait first; who asked in the same millisecond is ordered by id."""
    return sorted(cases, key=lambda case: (case.queued_at, case.case_id))


def match(waiting: Iterable[Case], seats: Sequence[Seat]) -> list[tuple[Case, Seat]]:
    """Which waiting case goes to whom, in the order of giving; afterwards no free agent fits a case."""
    room = {seat.agent_id: seat for seat in seats if seat.free}
    given = []
    for case in in_order(waiting) if room else ():
        seat = _freest(case, room.values())
        if seat is not None:
            given.append((case, seat))
            room[seat.agent_id] = replace(seat, busy=seat.busy + 1)
    return given


def _freest(case: Case, seats: Iterable[Seat]) -> Seat | None:
    fitting = [seat for seat in seats if seat.free and seat.fits(case)]
    return min(fitting, key=lambda seat: (-seat.free, seat.agent_id), default=None)
