"""`prat rights`: what people asked of shops about their data, and whose time runs out."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.published import opened_store
from libs.kit.errors import ConfigurationError

if TYPE_CHECKING:
    from services.handoff.rightsdesk.requests import Request

app = typer.Typer(no_args_is_help=True, help="Requests about data: list them, and see what is due.")

Shop = Annotated[str, typer.Option("--merchant", help="One shop only.")]


@app.command("list")
def list_requests(merchant: Shop = "", as_json: AsJson = False) -> None:
    """List requests, the one whose time ends first on top."""
    with faults_reported(as_json=as_json):
        found = asyncio.run(_requests(merchant))
    _say(found, as_json=as_json)


@app.command("show")
def show(
    request_id: Annotated[str, typer.Argument(help="An id of `prat rights list`.")],
    as_json: AsJson = False,
) -> None:
    """Show one request with its steps; who took them is in `prat audit show`."""
    with faults_reported(as_json=as_json):
        found = [one for one in asyncio.run(_requests("")) if str(one.request_id) == request_id]
        if not found:
            raise ConfigurationError(
                "There is no such request, or it has expired.", "see `prat rights list`."
            )
    _say(found, as_json=as_json)
    for step in () if as_json else found[0].steps:
        typer.echo(f"  {step.at:%Y-%m-%d %H:%M}  {step.what}")


@app.command("due")
def due(
    merchant: Shop = "",
    days: Annotated[int, typer.Option(min=0, help="Time left, at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List open requests that are late or nearly so; exit code 1 where one is late."""
    from services.handoff.rightsdesk.requests import OPEN

    with faults_reported(as_json=as_json):
        every = asyncio.run(_requests(merchant))
    clocks = {one.request_id: _clock(one) for one in every}
    found = [one for one in every if one.state in OPEN and clocks[one.request_id][1] < days]
    _say(found, as_json=as_json)
    if any(clocks[one.request_id][0] == "late" for one in found):
        raise typer.Exit(1)


async def _requests(merchant: str) -> "list[Request]":
    from services.handoff.rightsdesk.request_store import RequestStore

    async with opened_store() as client:
        store = RequestStore(client)
        return await (store.of([merchant]) if merchant else store.everybodys())


def _clock(request: "Request") -> tuple[str, int]:
    from libs.kit.clock import utc_now
    from services.handoff.rightsdesk.requests import clock

    return clock(request, utc_now())


def _say(found: "Sequence[Request]", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_body(one) for one in found]))
        return
    for one in found:
        state, days = _clock(one)
        left = "answered" if state == "stopped" else f"{state}, {days} days"
        parts = (one.request_id, one.merchant_id, one.kind, one.state, f"{one.due_at:%Y-%m-%d}")
        typer.echo("  ".join([*map(str, parts), left]))
    if not found:
        typer.echo("There is none.")


def _body(request: "Request") -> dict[str, Any]:
    """Nothing of the person, and no conversation: whoever answers it has the console."""
    state, days = _clock(request)
    return {
        "id": str(request.request_id), "merchant_id": request.merchant_id, "kind": request.kind,
        "state": request.state, "received_at": request.received_at.isoformat(),
        "due_at": request.due_at.isoformat(), "clock": {"state": state, "days": days},
        "extension": request.extension, "refusal": request.refusal,
        "erasures": [*request.erasures],
        "steps": [{"at": step.at.isoformat(), "what": step.what} for step in request.steps],
    }  # fmt: skip
