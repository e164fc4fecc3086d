"""`prat dlq`: records that a service could not handle; what they say is never shown."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.service import ServiceName
from deploy.cli.topics import Bootstrap
from deploy.local.errors import LocalFault
from libs.contracts.topics import SERVICES, TOPICS, dead_letter_topic

app = typer.Typer(no_args_is_help=True, help="List the dead letters, or give one back to the bus.")

READ_MS = 500
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Letter:
    """The outside of one dead letter; `offset` is its place among the service's dead letters."""

    time: str
    service: str
    offset: int
    topic: str
    topic_partition: str
    topic_offset: str
    reason: str
    where: str

    @classmethod
    def of(cls, service: str, record: Any) -> "Letter":
        """Built from the headers that the bus wrote: neither key nor value is looked at."""
        headers = {name: _plain(value) for name, value in record.headers}
        return cls(
            datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(timespec="milliseconds"),
            service,
            record.offset,
            headers.get("topic", UNKNOWN),
            headers.get("partition", UNKNOWN),
            headers.get("offset", UNKNOWN),
            headers.get("reason", UNKNOWN),
            headers.get("where", ""),
        )

    @property
    def origin(self) -> str:
        """Where the record was before: topic, partition and offset."""
        return f"{self.topic}/{self.topic_partition}/{self.topic_offset}"


@app.command("list")
def list_letters(
    service: Annotated[ServiceName | None, typer.Option(help="Only this service's.")] = None,
    bootstrap: Bootstrap = "127.0.0.1:9092",
    as_json: AsJson = False,
) -> None:
    """Show each dead letter's time, service, offset, origin, reason and where; never what it says.

    They are kept for seven days.
    """
    names = (service.value,) if service else SERVICES
    with faults_reported(as_json=as_json):
        letters = asyncio.run(read_letters(bootstrap, names))
    if as_json:
        typer.echo(json.dumps({"letters": [asdict(letter) for letter in letters]}))
    elif letters:
        _show(letters)
    else:
        typer.echo("No dead letters.")


@app.command("replay")
def replay(
    service: Annotated[ServiceName, typer.Argument(help="Whose dead letter.")],
    offset: Annotated[int, typer.Option(help="Its offset, as `prat dlq list` shows it.", min=0)],
    bootstrap: Bootstrap = "127.0.0.1:9092",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Publish a dead letter once more on the topic that it came from, under its key.

    Correct the cause first. Every service that reads the topic gets the record, after everything
    that was published meanwhile; those that have handled it already pass over it.
    """
    with faults_reported():
        letter, record = asyncio.run(find_letter(bootstrap, service.value, offset))
    if not yes:
        typer.confirm(
            f"{letter.reason}, {letter.time}: publish on {letter.topic} again?", abort=True
        )
    with faults_reported():
        asyncio.run(publish_again(bootstrap, letter, record))
    typer.echo(f"Published on {letter.topic} again.")


async def read_letters(bootstrap: str, services: tuple[str, ...]) -> list[Letter]:
    """The dead letters of `services`, oldest first."""
    async with _reader(bootstrap) as reader:
        found = [
            Letter.of(name, record)
            for name in services
            async for record in _read(reader, dead_letter_topic(name))
        ]
    return sorted(found, key=lambda letter: letter.time)


async def find_letter(bootstrap: str, service: str, offset: int) -> tuple[Letter, Any]:
    """One dead letter, fit to be published again; LocalFault when there is none or it is not."""
    topic = dead_letter_topic(service)
    async with _reader(bootstrap) as reader, aclosing(_read(reader, topic, offset)) as records:
        record = await anext(records, None)
    if record is None or record.offset != offset:
        cause = f"{service} has no dead letter at offset {offset}"
        raise LocalFault(cause, f"`prat dlq list --service {service}` shows those there are.")
    letter = Letter.of(service, record)
    if letter.topic not in {topic.name for topic in TOPICS}:
        cause = f"The letter names {letter.topic} as its origin, which is no topic of the contracts"
        raise LocalFault(cause, "It cannot be published again; it is deleted after seven days.")
    if not record.value:
        fix = "There is nothing to publish; it is deleted after seven days."
        raise LocalFault("The letter is empty, as the record was", fix)
    return letter, record


async def publish_again(bootstrap: str, letter: Letter, record: Any) -> None:
    """Publish the record as it was, marked with the letter that it was."""
    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import KafkaError

    mark = f"{dead_letter_topic(letter.service)}/{letter.offset}".encode()
    try:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            await producer.send_and_wait(
                letter.topic, record.value, key=record.key, headers=[("replayed", mark)]
            )
    except KafkaError as error:
        fix = "Look whether the broker is up, then repeat: a record that comes twice does no harm."
        raise LocalFault(f"The broker did not confirm it ({type(error).__name__})", fix) from None


@asynccontextmanager
async def _reader(bootstrap: str) -> AsyncIterator[Any]:
    """A consumer without a group: looking leaves no trace on the broker."""
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)
    try:
        async with AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False
        ) as reader:
            yield reader
    except KafkaError as error:
        fix = "Look whether the broker is up, then repeat."
        cause = f"The broker does not give out the dead letters ({type(error).__name__})"
        raise LocalFault(cause, fix) from None


async def _read(reader: Any, topic: str, first: int = 0) -> AsyncGenerator[Any, None]:
    """The records of a dead-letter topic from offset `first` to what is its end now."""
    from aiokafka import TopicPartition

    if topic not in await reader.topics():
        raise LocalFault(f"The broker has no topic {topic}", "Make it with `prat topics create`.")
    # One partition each (deploy/kafka/topics.py), so that an offset names a letter.
    partition = TopicPartition(topic, 0)
    reader.assign([partition])
    start = max(first, (await reader.beginning_offsets([partition]))[partition])
    end = (await reader.end_offsets([partition]))[partition]
    if start >= end:
        return
    reader.seek(partition, start)
    while await reader.position(partition) < end:
        for batch in (await reader.getmany(timeout_ms=READ_MS)).values():
            for record in batch:
                yield record


def _plain(value: bytes | None) -> str:
    """A header as text that a terminal can be given."""
    text = (value or b"").decode("utf-8", errors="replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _show(letters: list[Letter]) -> None:
    """A line each, however long, so that `grep` finds whole letters."""
    heads = ("time", "service", "offset", "topic/partition/offset", "reason", "where")
    rows = [
        (one.time, one.service, str(one.offset), one.origin, one.reason, one.where)
        for one in letters
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
