"""`prat dlq`: records that a service could not handle; what they say is never shown."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.service import ServiceName
from deploy.cli.topics import Bootstrap
from deploy.kafka.reading import reader, records
from deploy.local.errors import LocalFault
from libs.contracts.topics import SERVICES, TOPICS, dead_letter_topic

app = typer.Typer(no_args_is_help=True, help="List the dead letters, or give one back to the bus.")

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
    async with reader(bootstrap) as reading:
        found = [
            Letter.of(name, record)
            for name in services
            async for record in records(reading, dead_letter_topic(name))
        ]
    return sorted(found, key=lambda letter: letter.time)


async def find_letter(bootstrap: str, service: str, offset: int) -> tuple[Letter, Any]:
    """One dead letter, fit to be published again; LocalFault when there is none or it is not."""
    topic = dead_letter_topic(service)
    async with reader(bootstrap) as reading, aclosing(records(reading, topic, offset)) as found:
        # One partition each (deploy/kafka/topics.py), so that an offset names a letter.
        record = await anext(found, None)
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
