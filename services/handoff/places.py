"""How many cases of a queue can be handled at a time, where agents serve several queues. Pure.

Whoever serves several queues takes who waits longest, whichever queue that is: so much of such an agent
goes to each queue as makes their waits alike, as far as skills allow. That share has no formula; it is
approached by giving more, again and again, to the queue whose wait would be longer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from services.handoff.routing import Key, Seat

STEPS = 8
"""Enough for shares that a visitor can not tell from the final ones."""

Teams = Mapping[tuple[Key, ...], float]
"""The places of those who serve the same queues."""

Shares = dict[tuple[Key, ...], dict[Key, float]]


def teams_of(seats: Iterable[Seat], queues: Sequence[Key]) -> Teams:
    """The agents who are there, by what they serve."""
    teams: Counter[tuple[Key, ...]] = Counter()
    for seat in seats:
        teams[tuple(queue for queue in queues if seat.serves(*queue))] += seat.capacity
    return teams


def places(teams: Teams, queue: Key, waiting: Mapping[Key, int]) -> float:
    """The places of a queue as the next one who asks there sees it."""
    near = {key for served in teams if queue in served for key in served}
    lengths = {key: waiting.get(key, 0) + (key == queue) for key in near}
    shares = {
        served: {key: float(lengths[key]) for key in served if lengths.get(key)} for served in teams
    }
    given = _given(teams, shares)
    for _ in range(STEPS):
        shares = {served: _leaned(own, lengths, given) for served, own in shares.items()}
        given = _given(teams, shares)
    return given.get(queue, 0.0)


def _given(teams: Teams, shares: Shares) -> dict[Key, float]:
    """What each queue gets of all."""
    given: dict[Key, float] = {}
    for served, own in shares.items():
        total = sum(own.values())
        for key, share in own.items():
            given[key] = given.get(key, 0.0) + teams[served] * share / total
    return given


def _leaned(
    own: Mapping[Key, float], lengths: Mapping[Key, int], given: Mapping[Key, float]
) -> dict[Key, float]:
    """The shares of a team, moved towards the queues whose waits would be longer."""
    total = sum(own.values())
    return {key: share / total * lengths[key] / given[key] for key, share in own.items()}
