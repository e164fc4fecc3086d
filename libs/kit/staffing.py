"""Which agents are there, as this process knows it: the staffing topic, read into memory."""

from collections.abc import Mapping
from typing import Protocol

from libs.contracts.case import StaffingChanged
from libs.contracts.envelope import Event
from libs.contracts.topics import STAFFING
from libs.kit.settings import CommonSettings
from libs.kit.topic_view import TopicView

Online = Mapping[str, int] | None
"""How many agents are online for each skill; None while nobody has said."""


class Staffing(Protocol):
    """What rooms ask of the staffing."""

    def online(self, merchant_id: str) -> Online:
        """How many of a merchant's agents are online for each skill; None while nobody has said."""


class StaffingTable:
    """The newest numbers of each merchant, in memory."""

    def __init__(self) -> None:
        self._newest: dict[str, StaffingChanged] = {}

    def put(self, event: StaffingChanged) -> None:
        """Takes a merchant's numbers, unless newer ones are known."""
        known = self._newest.get(event.merchant_id)
        if known is None or known.occurred_at <= event.occurred_at:
            self._newest[event.merchant_id] = event

    def drop(self, merchant_id: str) -> None:
        """Forgets a merchant that has left."""
        self._newest.pop(merchant_id, None)

    def online(self, merchant_id: str) -> Online:
        """How many of a merchant's agents are online for each skill; None while nobody has said."""
        known = self._newest.get(merchant_id)
        return known.online if known else None


class StaffingView(TopicView, StaffingTable):
    """The table kept current from the bus; no offer is made on half of it."""

    def __init__(self, settings: CommonSettings) -> None:
        TopicView.__init__(self, settings, STAFFING)
        StaffingTable.__init__(self)

    async def take(self, event: Event) -> None:
        """Takes a merchant's newest numbers."""
        if isinstance(event, StaffingChanged):
            self.put(event)

    def forget(self, key: str) -> None:
        """A merchant has left."""
        self.drop(key)
