"""The one clock of the house; whoever needs the time takes it as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this process, aware, in UTC."""
    return datetime.now(UTC)


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before everything that this house knows."""
