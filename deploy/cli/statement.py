"""`prat statement`: the signed statement of each day, shown and checked."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, DataDir, faults_reported
from deploy.cli.published import opened_store
from deploy.cli.receipt import OUTCOMES, Keys, Outcome, known_keys, refuse
from libs.kit.errors import ConfigurationError
from services.retention.receipts import ReceiptFault
from services.retention.statements import verify_chain

if TYPE_CHECKING:
    from services.retention.statements import Statement

app = typer.Typer(no_args_is_help=True, help="The signed statement of each day: show and check it.")

Files = Annotated[
    list[Path], typer.Argument(help="Statements, the oldest first.", exists=True, dir_okay=False)
]


@app.command("verify")
def verify(
    files: Files, keys: Keys = None, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """Check statements, offline; of several, that each follows the one before it.

    Exit codes: 0 genuine, 1 altered or one is missing, 2 wrong usage, 3 unknown key,
    4 not a statement, 6 the keys are no keys.
    """
    try:
        known = known_keys(keys, data_dir)
    except (ReceiptFault, ConfigurationError) as fault:
        refuse(Outcome.NO_KEYS, str(fault), as_json=as_json)
    try:
        found = verify_chain([file.read_bytes() for file in files], known)
    except ReceiptFault as fault:
        refuse(OUTCOMES[type(fault)], str(fault), as_json=as_json)
    days = [one.day.isoformat() for one in found]
    lines = [json.dumps({"outcome": "genuine", "days": days})] if as_json else map(_line, found)
    for line in lines:
        typer.echo(line)


@app.command("show")
def show(
    day: Annotated[
        str, typer.Argument(help="A day such as 2026-11-22; the newest without it.")
    ] = "",
) -> None:
    """Write the statement of DAY as it was signed."""
    with faults_reported():
        found = asyncio.run(_kept(day))
        if found is None:
            raise ConfigurationError(
                "There is no statement of that day.",
                "retention makes it within an hour or so after the day's end (UTC), while it runs.",
            )
    typer.echo(json.dumps(found, indent=2))


async def _kept(day: str) -> dict[str, Any] | None:
    from libs.kit.mongo import database
    from services.retention.daily import STATEMENTS

    async with opened_store() as client:
        rows = database(client, "retention")[STATEMENTS.name]
        row = await rows.find_one({"_id": day} if day else {}, sort=[("_id", -1)])
    return row["signed"] if row else None


def _expired(one: "Statement") -> str:
    """What time has ended, by service, and who has not told."""
    gone: dict[str, int] = {}
    for place, ended in one.expired.items():
        if ended.gone is not None:
            service = place.partition(".")[0]
            gone[service] = gone.get(service, 0) + ended.gone
    if not gone:
        return "expiry not counted"
    each = ", ".join(f"{service} {count}" for service, count in sorted(gone.items()))
    missing = f"; not heard of: {', '.join(one.silent)}" if one.silent else ""
    return f"{sum(gone.values())} documents gone by time ({each}{missing})"


def _line(one: "Statement") -> str:
    late = sum(stock.past_end for stock in one.stock.values())
    alarms = "; ".join(one.alarms) or "none"
    return (
        f"Genuine: {one.day}: {one.erasures} erasures finished, {one.unfinished} under way, "
        f"{_expired(one)}, {late} documents past their end, alarms: {alarms}."
    )
