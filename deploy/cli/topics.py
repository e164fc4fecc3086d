"""`prat topics`: what the bus should have and has."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from deploy.cli.output import faults_reported, screen
from deploy.local.errors import LocalFault

if TYPE_CHECKING:
    from deploy.kafka.topics import Found, Wanted

app = typer.Typer(
    no_args_is_help=True, help="Create the bus topics of the contracts, or list them."
)

HOUR_MS = 3_600_000

Bootstrap = Annotated[
    str, typer.Option(envvar="KAFKA_BOOTSTRAP", help="Address of the broker, host:port.")
]


@app.command("create")
def create(
    bootstrap: Bootstrap = "127.0.0.1:9092",
    replication_factor: Annotated[
        int, typer.Option(envvar="PRAT_REPLICATION_FACTOR", help="Copies of each partition.", min=1)
    ] = 1,
) -> None:
    """Create the missing topics, then check all of them against the contracts."""
    from deploy.kafka.topics import wanted_topics

    with faults_reported():
        new = asyncio.run(_create(bootstrap, replication_factor))
    for name in new:
        typer.echo(f"created {name}")
    typer.echo(f"{len(wanted_topics())} topics are as the contracts say.")


@app.command("list")
def list_topics(bootstrap: Bootstrap = "127.0.0.1:9092") -> None:
    """Show every topic of the contracts and whether the broker has it."""
    from deploy.kafka.topics import wanted_topics

    with faults_reported():
        found = asyncio.run(_found(bootstrap))
    table = Table("topic", "partitions", "keeps", "on the broker", box=None)
    for wanted in wanted_topics():
        table.add_row(*row(wanted, found))
    screen().print(table)


def row(wanted: "Wanted", found: Mapping[str, "Found"]) -> tuple[str, str, str, str]:
    """One line of the list."""
    state = "yes" if wanted.name in found else "missing"
    return wanted.name, str(wanted.partitions), keeps(wanted), state


def keeps(wanted: "Wanted") -> str:
    """How long a topic keeps its records, for people."""
    if wanted.config["cleanup.policy"] == "compact":
        return "newest per key"
    return f"{int(wanted.config['retention.ms']) // HOUR_MS} h"


async def _create(bootstrap: str, replication_factor: int) -> list[str]:
    from deploy.kafka.topics import create_topics

    await _need(bootstrap)
    return await create_topics(bootstrap, replication_factor)


async def _found(bootstrap: str) -> dict[str, "Found"]:
    from deploy.kafka.topics import found_topics

    await _need(bootstrap)
    return await found_topics(bootstrap)


async def _need(bootstrap: str) -> None:
    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)
