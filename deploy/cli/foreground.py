"""Runs a house in the foreground until Ctrl-C, SIGTERM, a closed terminal or a fault."""

import asyncio
import signal
import sys
from collections.abc import Callable

from deploy.local.house import House

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run_until_told(house: House, when_ready: Callable[[], None]) -> None:
    """Start, call `when_ready`, watch, and leave nothing behind; a fault is raised."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(_run(house, when_ready))
    for signum in SIGNALS:
        loop.add_signal_handler(signum, _End(running, house))
    try:
        await running
    except asyncio.CancelledError:
        if not running.cancelled():
            raise
    finally:
        for signum in SIGNALS:
            loop.remove_signal_handler(signum)


async def _run(house: House, when_ready: Callable[[], None]) -> None:
    await house.start()
    try:
        when_ready()
        await house.watch()
    finally:
        await house.stop()


class _End:
    """The first signal stops in order; the second ends everything at once."""

    def __init__(self, running: "asyncio.Task[None]", house: House) -> None:
        self._running = running
        self._house = house
        self._asked = False

    def __call__(self) -> None:
        if self._asked:
            self._house.kill()
            sys.stderr.write("Ended at once.\n")
        self._asked = True
        self._running.cancel()
