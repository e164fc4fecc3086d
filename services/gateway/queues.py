"""Everybody's place in every queue, as handoff told last; the same in each gateway process."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from libs.contracts.case import QueueChanged, WaitRange
from libs.contracts.envelope import Event
from libs.contracts.topics import QUEUE
from libs.kit.settings import CommonSettings
from libs.kit.topic_view import TopicView
from services.gateway.domain import Owner, Ownership


@dataclass(frozen=True)
class Spot:
    """Where a case stands, 1 = next, as of its version."""

    queue: str
    version: int
    place: int
    wait: WaitRange | None


class Queues:
    """The newest places of all queues, in memory."""

    def __init__(self) -> None:
        self._spots: dict[UUID, Spot] = {}
        self._queues: dict[str, tuple[UUID, ...]] = {}

    def put(self, event: QueueChanged) -> None:
        """Takes a queue as it is from now on; a case may stand in another one already."""
        for case_id in self._queues.pop(event.key, ()):
            spot = self._spots.get(case_id)
            if spot and spot.queue == event.key:
                del self._spots[case_id]
        for number, at in enumerate(event.places, start=1):
            self._spots[at.case_id] = Spot(event.key, at.version, number, at.wait)
        self._queues[event.key] = tuple(at.case_id for at in event.places)

    def placed(self, ownership: Ownership) -> Ownership:
        """The ownership of somebody who waits, with the newest place and wait.

        Of another version of the case, places say nothing: it has left and come back since.
        """
        spot = self._spots.get(ownership.case_id) if ownership.case_id else None
        if spot is None or ownership.owner is not Owner.QUEUE or spot.version != ownership.version:
            return ownership
        return replace(ownership, position=spot.place, wait=spot.wait)


class QueueView(TopicView):
    """Tells of every queue that changes, from the oldest that still counts."""

    def __init__(self, settings: CommonSettings, changed: Callable[[QueueChanged], None]) -> None:
        super().__init__(settings, QUEUE)
        self._changed = changed

    async def take(self, event: Event) -> None:
        """Hands on how a queue is now."""
        if isinstance(event, QueueChanged):
            self._changed(event)

    def forget(self, key: str) -> None:
        """A queue of a merchant that has left: it was empty before, so nobody is told."""
