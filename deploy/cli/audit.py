"""`prat audit`: whether the log of who looked at what is whole, and what is in it."""

import asyncio
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.published import opened_store

if TYPE_CHECKING:
    from libs.kit.audit import Audit
    from libs.kit.audit_chain import Check, End

app = typer.Typer(no_args_is_help=True, help="Who looked at what: check the log, read it.")


class Logged(StrEnum):
    """The services that have such a log."""

    HANDOFF = "handoff"
    ANALYTICS = "analytics"


Of = Annotated[
    Logged,
    typer.Option("--service", help="Whose log: the agents' console, or the improvement inbox."),
]

Noted = Annotated[
    str,
    typer.Option(
        "--head", help="A head that was noted before, NUMBER:HASH; it must still be there."
    ),
]


@app.command("verify")
def verify(noted: Noted = "", service: Of = Logged.HANDOFF, as_json: AsJson = False) -> None:
    """Go through the whole chain; exit code 1 where an entry was changed, removed or moved.

    Note the head that is printed somewhere else: with --head, even a log that was put back whole
    to an earlier state is found out.
    """
    with faults_reported(as_json=as_json):
        check, head = asyncio.run(_verified(noted, service))
    newest = f"{head.seq}:{head.hash}" if head else None
    body = {
        "whole": not check.found, "entries": check.entries, "problems": check.found, "head": newest,
        "found": [vars(problem) for problem in check.problems],
    }  # fmt: skip
    for line in [json.dumps(body)] if as_json else _lines(check, newest):
        typer.echo(line)
    if check.found:
        raise typer.Exit(1)


@app.command("show")
def show(
    case: Annotated[str, typer.Option("--case", help="Only this case.")] = "",
    who: Annotated[str, typer.Option("--who", help="Only what this person did.")] = "",
    last: Annotated[int, typer.Option("--last", min=1, help="How many, the newest first.")] = 50,
    service: Of = Logged.HANDOFF,
    as_json: AsJson = False,
) -> None:
    """List who looked at what, the newest first; never what there was to see."""
    with faults_reported(as_json=as_json):
        found = asyncio.run(_shown(case, who, last, service))
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    for row in found:
        typer.echo(_line(row))


async def _verified(noted: str, service: str) -> "tuple[Check, End | None]":
    async with opened_store() as client:
        log = _log(client, service)
        check, head = await log.check()
        if noted:
            await log.still_has(noted, check)
        return check, head


async def _shown(case: str, who: str, last: int, service: str) -> list[dict[str, Any]]:
    wanted = {"case_id": case, "who": who}
    async with opened_store() as client:
        return await _log(client, service).entries({k: v for k, v in wanted.items() if v}, last)


def _log(client: Any, service: str) -> "Audit":
    from libs.kit.audit import KEY_FILE, Audit
    from libs.kit.settings import CommonSettings

    return Audit(client, service, CommonSettings().key(KEY_FILE))


def _lines(check: "Check", head: str | None) -> list[str]:
    lines = [str(problem) for problem in check.problems]
    if check.found > len(lines):
        lines.append(f"and {check.found - len(lines)} more")
    said = f"{check.found} problems" if check.found else "The log is whole"
    return [*lines, f"{said}: {check.entries} entries. Head: {head}"]


def _line(row: dict[str, Any]) -> str:
    about = row["case_id"] or row["about"]
    fields = ", ".join(row["fields"])
    parts = (f"{row['at']:%Y-%m-%d %H:%M:%S}", row["who"], row["what"], row["merchant_id"], about)
    return "  ".join([str(row["_id"]), *(part for part in parts if part), fields]).rstrip()
