"""What a receipt states of an erasure: counts, times, until when sealed copies may lie somewhere."""

from datetime import datetime, timedelta

from libs.contracts.topics import DAYS_7_MS, TOPICS
from libs.kit.outbox import SENT_ROWS_KEPT
from services.retention.domain import Erasure
from services.retention.receipts import Facts, SealedCopies

BUS_SLACK = timedelta(hours=2)
"""What the broker needs besides a topic's retention: to close a segment, to look, to delete the file."""

SWEEP_SLACK = timedelta(hours=1)
"""What the store's sweep needs at most."""

KEY_BACKUPS_KEPT = timedelta(days=7)
"""Backups of wrapped keys are kept so long and no longer: until then one could open what is sealed."""


def facts_of(erasure: Erasure, merchant_id: str, completed_at: datetime) -> Facts:
    """The facts of an erasure that every service has acknowledged."""
    return Facts(
        erasure_id=erasure.erasure_id,
        merchant_id=merchant_id,
        requested_by=erasure.requested_by,
        requested_at=erasure.requested_at,
        completed_at=completed_at,
        deleted={service: dict(counts) for service, counts in erasure.deleted.items()},
        sealed_copies_until=copies_until(completed_at),
    )


def copies_until(completed_at: datetime) -> SealedCopies:
    """The latest moments, counted from the erasure's end, when nothing new is written any more."""
    bus = completed_at + _bus_kept() + BUS_SLACK
    return SealedCopies(
        bus=bus,
        # A record may become a dead letter as late as the bus itself lets it go.
        dead_letters=bus + timedelta(milliseconds=DAYS_7_MS) + BUS_SLACK,
        outboxes=completed_at + SENT_ROWS_KEPT + SWEEP_SLACK,
        key_backups=completed_at + KEY_BACKUPS_KEPT,
    )


def _bus_kept() -> timedelta:
    longest = max(topic.retention_ms for topic in TOPICS if topic.purposes)
    return timedelta(milliseconds=longest)
