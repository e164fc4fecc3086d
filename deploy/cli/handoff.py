"""`prat handoff`: tries the rules of the human half on an invented day."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import AsJson, screen

app = typer.Typer(no_args_is_help=True, help="Queue, waits and who gets which chat.")


@app.callback()
def handoff() -> None:
    """Queue, waits and who gets which chat."""


@app.command("simulate")
def simulate(
    *,
    chats: Annotated[int, typer.Option(min=1, help="Visitors of the day.")] = 10_000,
    agents: Annotated[int, typer.Option(min=1, help="Agents of the day, in three shifts.")] = 66,
    seed: Annotated[int, typer.Option(help="The same seed is the same day.")] = 1,
    write: Annotated[
        Path | None, typer.Option(help="Write the report to this file, too (Markdown).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a day of invented visitors go by under the real rules; exit code 1 if a bar is missed."""
    from deploy.simulation import report
    from deploy.simulation.day import Plan
    from deploy.simulation.run import Run
    from services.handoff.floor import Pace

    outcome = Run(Plan(chats=chats, agents=agents, seed=seed), Pace().share).run()
    found = report.figures(outcome)
    said = [*report.lines(found), "", *report.drawing(outcome.waits)]
    if write:
        write.write_text(report.page(found, outcome.waits), "utf-8")
    if as_json:
        typer.echo(json.dumps(found))
    else:
        screen().print("\n".join(said), markup=False)
    if not report.passed(found):
        raise typer.Exit(1)
