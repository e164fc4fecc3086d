"""From a bus record to an event: tolerant of broken headers, strict on contracts, quoting nothing."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage
from pydantic import TypeAdapter, ValidationError

from libs.contracts.envelope import Event
from libs.kit.errors import BadMessage

EventT = TypeVar("EventT", bound=Event)


def decode(record: "ConsumerRecord[bytes, bytes]", adapter: TypeAdapter[EventT]) -> EventT:
    """The event in a record; raises BadMessage naming field paths, never the content."""
    if record.value is None:
        raise BadMessage("empty_record")
    try:
        return adapter.validate_json(record.value)
    except ValidationError as error:
        reason, where = _explain(error)
    raise BadMessage(reason, where)


def _explain(error: ValidationError) -> tuple[str, tuple[str, ...]]:
    details = error.errors(include_input=False, include_context=False, include_url=False)
    kinds = {detail["type"] for detail in details}
    where = tuple(".".join(str(part) for part in detail["loc"]) for detail in details)
    if "json_invalid" in kinds:
        return "not_json", ()
    if "union_tag_invalid" in kinds or any(path.endswith("type") for path in where):
        return "unknown_event_type", ()
    if any(path.endswith("schema_version") for path in where):
        return "unknown_version", where
    return "contract_broken", where


async def tolerant_parser(message: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Headers with broken bytes are mended before the library would pass the record over unread."""
    _mend(message)
    return await original(message)


async def tolerant_batch_parser(
    messages: tuple[Any, ...], original: Callable[[Any], Awaitable[Any]]
) -> Any:
    """The same for a batch: one broken header would lose them all."""
    for message in messages:
        _mend(message)
    return await original(messages)


def _mend(message: Any) -> None:
    mended = tuple((name, _clean(value)) for name, value in message.headers)
    object.__setattr__(message, "headers", mended)


def _clean(value: bytes | None) -> bytes:
    return (value or b"").decode("utf-8", errors="replace").encode()


async def undecoded(message: KafkaMessage) -> KafkaMessage:
    """Handlers get the whole record; bodies are decoded by `decode`, whose errors quote nothing."""
    return message
