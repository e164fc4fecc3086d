"""Lets something through once in a while."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

REMEMBERED = 1000


class Throttle:
    """The same thing passes once within `seconds`; what comes between is left out."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._passed: OrderedDict[Hashable, float] = OrderedDict()

    def passes(self, what: Hashable) -> bool:
        """Whether it may pass now; from now on it did."""
        now = self._clock()
        if now - self._passed.get(what, float("-inf")) < self._seconds:
            return False
        self._passed[what] = now
        self._passed.move_to_end(what)
        if len(self._passed) > REMEMBERED:
            self._passed.popitem(last=False)
        return True
