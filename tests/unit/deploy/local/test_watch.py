"""Restarting: patient, and not for ever."""

import sys
from pathlib import Path

import pytest

from deploy.local.errors import Restless, StartFailed
from deploy.local.processes import Child
from deploy.local.watch import Restarts, keep_alive


def test_the_pause_doubles() -> None:
    restarts = Restarts("nlu")
    assert [restarts.delay_after(float(second)) for second in range(4)] == [0.5, 1.0, 2.0, 4.0]


def test_the_sixth_death_within_a_minute_is_the_last() -> None:
    restarts = Restarts("nlu")
    for second in range(5):
        restarts.delay_after(float(second))
    with pytest.raises(Restless, match="nlu died more than 5 times"):
        restarts.delay_after(59.0)


def test_old_deaths_are_forgotten() -> None:
    restarts = Restarts("nlu")
    for second in range(5):
        restarts.delay_after(float(second))
    assert restarts.delay_after(65.0) == 0.5


class ShortLived:
    """A part whose process ends at once; every start but the first fails when `broken`."""

    title = "short-lived"

    def __init__(self, log: Path, *, broken: bool = False) -> None:
        self.starts = 0
        self._log = log
        self._broken = broken
        self.child: Child | None = None

    async def start(self) -> float:
        """Start a process that ends with code 7."""
        self.starts += 1
        self.child = Child("short-lived", [sys.executable, "-c", "exit(7)"], self._log)
        if self._broken and self.starts > 1:
            raise StartFailed("it ended", "none", self._log)
        return 0.0

    async def stop(self) -> None:
        """Nothing to do."""

    async def restart(self) -> float:
        """As start."""
        return await self.start()

    def kill(self) -> None:
        """End it."""
        if self.child is not None:
            self.child.kill()


@pytest.mark.parametrize("broken", [False, True])
async def test_a_part_that_cannot_live_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    monkeypatch.setattr("deploy.local.watch.FIRST_DELAY_SECONDS", 0.001)
    part = ShortLived(tmp_path / "log", broken=broken)
    said: list[str] = []
    await part.start()
    with pytest.raises(Restless):
        await keep_alive("nlu", part, said.append)
    assert part.starts == 6
    assert said[0].startswith("nlu ended (exit code 7); starting again in 0.0 s. Log: ")
    assert ("did not start" in said[1]) is broken
