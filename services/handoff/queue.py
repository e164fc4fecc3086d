"""A queue as the rules see it: who waits there, and what waits are reckoned from. Pure."""

from collections.abc import Iterable, Sequence
from typing import Self

from services.handoff.case import Case
from services.handoff.waiting import NOTHING_KNOWN, Forecast


class Queue(tuple[Case, ...]):  # noqa: SLOT001 - it has an attribute, which a tuple has no slot for
    """The cases that wait for one skill of a merchant, with the forecast of their waits."""

    forecast: Forecast

    def __new__(cls, cases: Iterable[Case] = (), forecast: Forecast = NOTHING_KNOWN) -> Self:
        """The cases, in any order."""
        queue = super().__new__(cls, cases)
        queue.forecast = forecast
        return queue


def forecast_of(waiting: Sequence[Case]) -> Forecast:
    """What waits beside these cases are reckoned from; plain cases tell nothing of that."""
    return waiting.forecast if isinstance(waiting, Queue) else NOTHING_KNOWN
