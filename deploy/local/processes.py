"""Child processes that cannot outlive us, whichever way we end.

Start children from the main thread: the kernel's parent-death signal follows the *thread* that
forked, so a child of a worker thread would be killed when that thread ends.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from deploy.local.errors import StartFailed

SHIM = Path(__file__).with_name("child.py")
POLL_SECONDS = 0.05
LOG_LIMIT_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 8192

Probe = Callable[[], Awaitable[bool]]
"""Answers whether a part is ready; expected connection errors count as `False`."""


class Child:
    """One running process in a group of its own, with its output in a log file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Start `command`; `env` is added to our own environment."""
        self.name = name
        self.log = log
        self.started_at = time.monotonic()
        shim = [sys.executable, "-I", "-S", str(SHIM), str(os.getpid())]
        with _opened(log) as output:
            self._process = subprocess.Popen(
                [*shim, *command],
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs; one that ended stays unreaped, so its group id stays ours."""
        if self._process.returncode is not None:
            return False
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, options) is None

    @property
    def exit_code(self) -> int | None:
        """The exit code (negative: the signal), or `None` while it runs."""
        if not self.alive:
            self._reap()
        return self._process.returncode

    async def ended(self, within: float) -> bool:
        """Wait until the process has ended, at most `within` seconds."""
        deadline = time.monotonic() + within
        while self.alive and time.monotonic() < deadline:  # noqa: ASYNC110 - the kernel sets no Event
            await asyncio.sleep(POLL_SECONDS)
        return not self.alive

    async def stop(self, grace: float = 10.0) -> None:
        """Ask politely, wait `grace` seconds, then kill whatever is left of the group."""
        self.ask_to_end()
        try:
            await self.ended(grace)
        finally:
            self.kill()

    def ask_to_end(self) -> None:
        """Send SIGTERM, once and without waiting."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group now, as a power cut would, and return when it is gone."""
        if self._process.returncode is None:
            self._reap()

    def _reap(self) -> None:
        # The group goes before its leader is reaped: afterwards the id could belong to a stranger.
        if self._process.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def tail(self, lines: int = 12) -> str:
        """The last lines of the log, for an error message."""
        return tail_of(self.log, lines)


def _opened(log: Path) -> BinaryIO:
    """The log file, opened for appending; a large one is put aside first."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old"))
    return log.open("ab")


def tail_of(log: Path, lines: int = 12) -> str:
    """The last lines of a log file; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


async def wait_ready(child: Child, probe: Probe, within: float, fix: str) -> float:
    """Wait until `probe` says yes and return the seconds since the start of `child`."""
    deadline = time.monotonic() + within
    while not await probe():
        if not child.alive:
            raise _failed(child, f"{child.name} ended with exit code {child.exit_code}", fix)
        if time.monotonic() > deadline:
            raise _failed(child, f"{child.name} was not ready after {within:.0f} s", fix)
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - child.started_at


async def run_to_end(
    name: str,
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    within: float = 300.0,
    fix: str,
) -> None:
    """Run a command that ends by itself; any other exit code than 0 is a fault."""
    child = Child(name, command, log, env)
    try:
        if not await child.ended(within):
            raise _failed(child, f"{name} did not end within {within:.0f} s", fix)
        if child.exit_code != 0:
            raise _failed(child, f"{name} ended with exit code {child.exit_code}", fix)
    finally:
        child.kill()


def _failed(child: Child, cause: str, fix: str) -> StartFailed:
    tail = child.tail()
    return StartFailed(f"{cause}\n{tail}" if tail else cause, fix, child.log)
