"""Takes a key out of compacted topics: a record without a value, which compaction keeps for a while."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.contracts.topics import Topic
from libs.kit.errors import ConfigurationError
from libs.kit.settings import CommonSettings

Graves = Sequence[tuple[Topic, str]]
"""Topics and the keys that are no more on them."""


async def bury(settings: CommonSettings, graves: Graves) -> None:
    """Says on each topic that a key is no more; raises ConfigurationError while no broker takes it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap.split(","), acks="all",
        enable_idempotence=settings.kafka_idempotence,
        request_timeout_ms=settings.kafka_request_timeout_ms,
    )  # fmt: skip
    try:
        await producer.start()
        for topic, key in graves:
            await producer.send_and_wait(topic.name, value=None, key=key.encode())
    except KafkaError as error:
        raise ConfigurationError(
            f"The broker did not take the end of a key: {type(error).__name__}.",
            "start it, or give the right address in KAFKA_BOOTSTRAP; then run this again.",
        ) from None
    finally:
        await producer.stop()
