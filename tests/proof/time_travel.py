"""Clocks of other times: a process that is started with one lives ahead of us, and jumps with it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.local import faketime


@dataclass(frozen=True)
class Clock:
    """A clock in a file, which libfaketime reads again each second."""

    file: Path

    def go(self, ahead: timedelta) -> None:
        """From now on it is so much later; processes that wear it notice within a second."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"+{ahead.total_seconds():.0f}\n")
        fresh.replace(self.file)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Children that are started inside live by this clock, for as long as they run."""
        path = faketime.library()
        assert path, faketime.FIX
        strange = {
            "LD_PRELOAD": str(path), "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            # Waits and timeouts stay as long as they are.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip
        before = {name: os.environ.get(name) for name in strange}
        os.environ.update(strange)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name)
                else:
                    os.environ[name] = value
