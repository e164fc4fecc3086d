"""`make test-compose`: exit code 0 when all is well, 1 when not, 2 on a machine without an engine.

PRAT_BASE_IMAGE, PRAT_KAFKA_IMAGE, PRAT_MONGO_IMAGE and PRAT_MONGO_URL name other images and options.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.compose.stack import FIX, Failed, Stack, why_no_engine
from tests.compose.talk import Figures, talk

PROMISES = (
    ("gateway", "test $(id -u) = 10001"),
    ("gateway", "! touch /app/x 2>&-"),
    ("gateway", "! touch /run/prat/secrets/x 2>&-"),
    ("gateway", "grep -q 'CapBnd:.0000000000000000' /proc/1/status"),
)
"""What must hold in a service's container: a plain user without rights and nowhere to write."""

NEVER_PUBLISHED = {"kafka", "mongo", "nlu", "retention"}


def main() -> int:
    """Build, start, talk, stop, remove; says the figures."""
    if reason := why_no_engine():
        sys.stderr.write(f"prat: docker-compose.yml cannot be tried: {reason}.\n  Fix: {FIX}\n")
        return 2
    # SIGTERM unwinds like Ctrl-C, so that the containers go as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stack = Stack()
    try:
        figures = _try_out(stack)
    except (Failed, AssertionError) as error:
        stack.logs()
        sys.stderr.write(f"prat: the containers failed the test: {error}\n")
        return 1
    finally:
        stack.down()
    sys.stdout.writelines(f"{what:<26} {seconds:7.1f} s\n" for what, seconds in figures.items())
    sys.stdout.write(f"image of the services      {stack.image_megabytes():5} MB\n")
    return 0


def _try_out(stack: Stack) -> Figures:
    figures = {"built": _timed(stack.build), "up and ready": _timed(stack.up)}
    _check_walls(stack)
    figures |= asyncio.run(talk(stack.url("GATEWAY"), stack.url("FJELLBEKK")))
    return figures | {"stopped": _timed(stack.stop)}


def _check_walls(stack: Stack) -> None:
    for service, condition in PROMISES:
        if not stack.holds(service, condition):
            raise Failed(f"does not hold in {service}: {condition}")
    published = {one["Service"] for one in stack.containers() if _is_published(one)}
    if wrong := NEVER_PUBLISHED & published:
        raise Failed(f"reachable from outside: {sorted(wrong)}")
    if "gateway" not in published:
        raise Failed("the gateway is not published")


def _is_published(container: dict[str, Any]) -> bool:
    return any(one["PublishedPort"] for one in container["Publishers"] or ())


def _timed(step: Callable[[], None]) -> float:
    began = time.monotonic()
    step()
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
