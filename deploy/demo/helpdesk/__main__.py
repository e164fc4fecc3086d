"""The mirror's command line: `python -m deploy.demo.helpdesk --database cases.sqlite3`."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deploy.demo.helpdesk.consumer import GROUP, follow
from deploy.demo.helpdesk.mirror import Mirror


def main(
    database: Annotated[Path, typer.Option(help="The other system's book (SQLite).")],
    group: Annotated[str, typer.Option(help="The consumer group; one for each system.")] = GROUP,
) -> None:
    """Mirror every case that the bus tells of into a book of its own, until Ctrl-C.

    Environment: KAFKA_BOOTSTRAP (default 127.0.0.1:9092).
    """
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    typer.echo(f"Mirroring cases from {bootstrap} into {database} · Ctrl-C stops")
    with suppress(KeyboardInterrupt):
        asyncio.run(follow(bootstrap, Mirror(database), group))


if __name__ == "__main__":
    typer.run(main)
