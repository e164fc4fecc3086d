"""A reader of the case contract: takes every fact into the mirror, then says that it has."""

from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from pydantic import ValidationError

from deploy.demo.helpdesk.facts import fact_of_event
from deploy.demo.helpdesk.mirror import Mirror
from libs.contracts.topics import CASE

GROUP = "demo-helpdesk"

OnTaken = Callable[[], None]


def take(record: ConsumerRecord, mirror: Mirror) -> bool:
    """Takes one record in; False where it told nothing new, or is none that this reader knows."""
    try:
        event = CASE.adapter().validate_json(record.value or b"")
    except ValidationError:
        # v1 only grows: a type that this reader does not know yet is none of its business.
        structlog.get_logger().warning("Passed over a record.", offset=record.offset)
        return False
    fact = fact_of_event(event)
    return fact is not None and mirror.take(fact)


async def follow(
    bootstrap: str, mirror: Mirror, group: str = GROUP, on_taken: OnTaken | None = None
) -> None:
    """Follows the topic for ever; what was taken in is committed after it is in the mirror."""
    consumer = AIOKafkaConsumer(
        CASE.name, bootstrap_servers=bootstrap, group_id=group,
        enable_auto_commit=False, auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    if take(record, mirror) and on_taken:
                        on_taken()
            await consumer.commit()
    finally:
        await consumer.stop()
