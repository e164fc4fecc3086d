"""A shop as it runs, for the papers about it."""

from typing import Any

from deploy.privacy.source import Running
from tests.builders import pack
from tests.unit.notice.shops import shop


def running_shop(shape: str = "plain", audit_days: int = 400, **changes: Any) -> Running:
    """An invented shop with everything that its papers need."""
    published = pack().model_copy(update={"merchant": shop(shape, **changes)})
    return Running(published, audit_days)
