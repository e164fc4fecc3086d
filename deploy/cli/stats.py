"""`prat stats`: the statistics' counts, made anew from the topics."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from deploy.cli import stats_export, stats_keys
from deploy.cli.output import AsJson, counted, faults_reported

if TYPE_CHECKING:
    from services.analytics.rebuilding import Rebuilt

app = typer.Typer(no_args_is_help=True, help="The statistics: counts, keys and files.")
app.add_typer(stats_keys.app, name="token")
app.command("export")(stats_export.export)


@app.command("rebuild")
def rebuild(as_json: AsJson = False) -> None:
    """Count anew what the topics still keep, and correct what differs; counting may go on meanwhile.

    Periods that the topics do not keep whole any more stay as they are, and so does what was shown.
    """
    with faults_reported(as_json=as_json):
        if as_json:
            made = asyncio.run(_rebuild(lambda _done, _of: None))
        else:
            with counted() as progress:
                made = asyncio.run(_rebuild(progress))
    if as_json:
        typer.echo(json.dumps(asdict(made), default=str))
        return
    typer.echo(f"{made.records} records, {made.cells} counts: {made.corrected} were corrected.")
    if made.since:
        typer.echo(f"Days that began before {made.since:%Y-%m-%d %H:%M} UTC were left as they are.")


async def _rebuild(progress: Callable[[int, int], None]) -> "Rebuilt":
    from services.analytics.app import rebuilding

    async with rebuilding() as one:
        return await one.run(progress)
