"""Places in queues, as the gateway knows them: the newest of each queue, of the case's own version."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.case import QueueChanged, QueuePlace, WaitRange
from services.gateway.domain import Owner, Ownership
from services.gateway.queues import Queues
from tests.builders import NOW

CASES = tuple(uuid4() for _ in range(4))
WAIT = WaitRange(low_seconds=60, high_seconds=200)


def queue(skill: str, cases: Sequence[UUID], version: int = 1) -> QueueChanged:
    return QueueChanged(
        event_id=uuid4(), merchant_id="fjellbekk", occurred_at=NOW, skill=skill,
        places=tuple(QueuePlace(case_id=case, version=version, wait=WAIT) for case in cases),
    )  # fmt: skip


def waits(case_id: UUID, version: int = 1) -> Ownership:
    return Ownership(Owner.QUEUE, case_id=case_id, version=version, position=9)


def test_who_waits_has_the_newest_place_and_wait() -> None:
    queues, case = Queues(), CASES[1]
    assert queues.placed(waits(case)).position == 9
    queues.put(queue("delivery", CASES))
    queues.put(queue("delivery", CASES[1:]))
    placed = queues.placed(waits(case))
    assert (placed.position, placed.wait) == (1, WAIT)


def test_places_of_another_version_say_nothing() -> None:
    queues = Queues()
    queues.put(queue("delivery", CASES, version=1))
    assert queues.placed(waits(CASES[0], version=3)) == waits(CASES[0], version=3)


def test_who_does_not_wait_has_no_place() -> None:
    queues = Queues()
    queues.put(queue("delivery", CASES))
    for owner in (Owner.BOT, Owner.AGENT, Owner.FILED):
        ownership = Ownership(owner, case_id=CASES[0], version=1)
        assert queues.placed(ownership) == ownership
    assert queues.placed(Ownership(Owner.QUEUE)) == Ownership(Owner.QUEUE)


def test_an_empty_queue_is_forgotten() -> None:
    queues = Queues()
    queues.put(queue("delivery", CASES))
    queues.put(queue("delivery", ()))
    assert queues.placed(waits(CASES[0])).position == 9


MOVES = st.lists(
    st.tuples(st.sampled_from(["delivery", "returns"]), st.permutations(CASES), st.integers(0, 4))
)


@given(MOVES)
def test_each_case_stands_where_it_was_told_last(
    moves: list[tuple[str, list[UUID], int]],
) -> None:
    queues, told = Queues(), dict[UUID, tuple[str, int]]()
    for skill, cases, count in moves:
        queues.put(queue(skill, cases[:count]))
        told = {case: at for case, at in told.items() if at[0] != skill}
        told |= {case: (skill, n) for n, case in enumerate(cases[:count], start=1)}
    for case in CASES:
        place = queues.placed(waits(case)).position
        assert place == (told[case][1] if case in told else 9)
