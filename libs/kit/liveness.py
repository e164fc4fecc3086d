"""Liveness of consumers: a dead loop or a stuck partition is noticed from inside, as no ping can."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

STUCK_SECONDS = 30.0
"""Records waiting and no progress for so long means that the consumer is dead (aiokafka #1154)."""


class ConsumerWatch:
    """Looks at FastStream's subscribers each time it is asked, and remembers where they stood."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._busy: Counter[str] = Counter()
        self._activity: dict[str, float] = {}
        self._positions: dict[Any, tuple[int, float]] = {}

    @contextmanager
    def busy(self, topics: Iterable[str]) -> Iterator[None]:
        """Meanwhile a record of these topics is handled or waited with: no position moves, and none is stuck.

        Whoever handles has a budget of time of their own.
        """
        names = tuple(topics)
        self._busy.update(names)
        try:
            yield
        finally:
            self._busy.subtract(names)
            self._activity.update(dict.fromkeys(names, self._clock()))

    def problem(self, subscribers: Iterable[Any]) -> str | None:
        """The first subscriber's problem, or None while all of them live."""
        return next(filter(None, map(self._subscriber_problem, subscribers)), None)

    def _subscriber_problem(self, subscriber: Any) -> str | None:
        if any(task.done() for task in getattr(subscriber, "tasks", ())):
            return "consume_loop_dead"
        consumer = getattr(subscriber, "consumer", None)
        if consumer is None:
            return None
        now = self._clock()
        stuck = any(self._is_stuck(consumer, partition, now) for partition in consumer.assignment())
        return "consumer_stuck" if stuck else None

    def _is_stuck(self, consumer: Any, partition: Any, now: float) -> bool:
        state = consumer._subscription.subscription.assignment.state_value(partition)  # noqa: SLF001 - the library has no public, waitless position
        if self._busy[partition.topic] or state is None or not state.has_valid_position:
            return False
        position, seen = self._positions.get(partition, (-1, now))
        if state.position != position:
            self._positions[partition] = (state.position, now)
            return False
        waiting = (consumer.highwater(partition) or 0) > position
        idle_since = max(seen, self._activity.get(partition.topic, seen))
        return waiting and now - idle_since > STUCK_SECONDS
