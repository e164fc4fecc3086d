"""Starting dead parts again, patiently, and giving up on one that will not live."""

import asyncio
import time
from collections import deque

from deploy.local.errors import Restless, StartFailed
from deploy.local.processes import Child
from deploy.local.progress import Say
from deploy.local.stack import Part

MOST_RESTARTS = 5
WINDOW_SECONDS = 60.0
FIRST_DELAY_SECONDS = 0.5
POLL_SECONDS = 0.2


class Restarts:
    """The recent deaths of one part, and how long to wait before the next start."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._deaths: deque[float] = deque()

    def delay_after(self, now: float) -> float:
        """The pause after a death at `now`: doubled each time, until they are too many."""
        while self._deaths and self._deaths[0] <= now - WINDOW_SECONDS:
            self._deaths.popleft()
        self._deaths.append(now)
        if len(self._deaths) > MOST_RESTARTS:
            cause = f"{self._name} died more than {MOST_RESTARTS} times within a minute"
            raise Restless(cause, "Read its log: it cannot run like this.")
        return FIRST_DELAY_SECONDS * 2.0 ** (len(self._deaths) - 1)


async def keep_alive(name: str, part: Part, say: Say) -> None:
    """Start `part` again whenever its process dies; raises Restless when that does not help."""
    restarts = Restarts(name)
    while True:
        child = await _death_of(part)
        code = child.exit_code
        delay = restarts.delay_after(time.monotonic())
        say(f"{name} ended (exit code {code}); starting again in {delay:.1f} s. Log: {child.log}")
        await asyncio.sleep(delay)
        await _start_again(name, part, say)


async def _death_of(part: Part) -> Child:
    # A part without a child was stopped on purpose.
    while part.child is None or part.child.alive:  # noqa: ASYNC110 - the kernel sets no Event
        await asyncio.sleep(POLL_SECONDS)
    return part.child


async def _start_again(name: str, part: Part, say: Say) -> None:
    try:
        seconds = await part.start()
    except StartFailed as failure:
        say(f"{name} did not start: {failure.cause}")
        part.kill()
    else:
        say(f"{name} is back after {seconds:.1f} s.")
