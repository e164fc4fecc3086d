"""Tries are counted per account and per address, in the store: for all processes."""

from dataclasses import dataclass
from datetime import timedelta

from libs.kit.clock import Now, utc_now
from libs.kit.errors import Refused
from libs.kit.try_counts import TryCounts

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """How many tries of one kind are let through in a stretch of time."""

    name: str
    most: int
    per: timedelta


PER_ACCOUNT = Limit("account", 5, MINUTE)
PER_ADDRESS = Limit("address", 30, MINUTE)
"""An office is one address: more people than this log in within a minute nowhere."""

PER_SECOND_FACTOR = Limit("code", 10, HOUR)
"""Only who knows the password comes so far; six digits must not be found by trying."""


class Tries:
    """Counts tries; the ones past the limit are refused, right or wrong."""

    def __init__(self, counts: TryCounts, now: Now = utc_now) -> None:
        self._counts = counts
        self._now = now

    async def count(self, limit: Limit, who: str) -> str:
        """Counts a try and returns its key; raises Refused (429) with the time to wait."""
        now, seconds = self._now().timestamp(), limit.per.total_seconds()
        key = f"{limit.name}|{who}|{int(now // seconds)}"
        if await self._counts.count_try(key, self._now() + 2 * limit.per) <= limit.most:
            return key
        wait = int(seconds - now % seconds) + 1
        raise Refused(
            429, "too_many_tries", "There were too many tries.",
            f"wait {_spoken(wait)}, then try again.", retry_after=wait,
        )  # fmt: skip

    async def forget(self, key: str) -> None:
        """Starts counting anew, after a try that succeeded."""
        await self._counts.forget_tries(key)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds <= MINUTE.seconds else f"{seconds // 60 + 1} minutes"
