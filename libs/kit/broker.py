"""The connection to the brokers, and what makes a subscriber safe."""

import os
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from libs.contracts.topics import TOPICS
from libs.kit.errors import ConfigurationError
from libs.kit.settings import CommonSettings

HANDLER_BUDGET_SECONDS = 10.0
"""A handler that takes longer is stopped and its record tried again; below the poll interval."""

ENVELOPE_BYTES = 64 * 1024
"""Room for headers and the record's frame beside an event's body."""


def make_broker(settings: CommonSettings, service: str) -> KafkaBroker:
    """The broker connection of a service: acknowledged by all replicas, quiet, topics never made."""
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        client_id=f"prat-{service}-{os.getpid()}",
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        max_request_size=max(topic.max_bytes for topic in TOPICS) + ENVELOPE_BYTES,
        allow_auto_create_topics=False,
        graceful_timeout=HANDLER_BUDGET_SECONDS + 2,
        apply_types=False,
        logger=None,
    )


def check_subscriber(subscriber: Any) -> None:
    """Refuses a subscriber that could lose or reorder records (ack policy, group, offset reset)."""
    arguments = subscriber._connection_args  # noqa: SLF001 - the library shows it nowhere else
    faults = [
        fault
        for fault, wrong in (
            ("commits before handling", arguments.get("enable_auto_commit") is not False),
            ("starts at the newest record", arguments.get("auto_offset_reset") != "earliest"),
            ("has no group", not subscriber.group_id),
            ("acknowledges otherwise", subscriber.ack_policy is not AckPolicy.NACK_ON_ERROR),
        )
        if wrong
    ]
    if faults:
        raise ConfigurationError(
            f"A subscriber {' and '.join(faults)}.", "subscribe with Bus.subscribe only."
        )
