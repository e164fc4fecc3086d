"""`prat webhooks`: what shops' own help desks could not be told of cases, and the way to tell it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.local.errors import LocalFault

if TYPE_CHECKING:
    from services.handoff.webhook_store import Delivery, WebhookStore

app = typer.Typer(no_args_is_help=True, help="Case webhooks: list the dead ones, send them anew.")

ResultT = TypeVar("ResultT")
Number = Annotated[int, typer.Argument(help="A number of `prat webhooks list`.", min=1)]
Merchant = Annotated[str | None, typer.Option(help="Only this merchant's.")]

START_STORE = "Start it (`prat up` does), or give the right address in MONGO_URL."


class State(StrEnum):
    """How a notice fared."""

    DEAD = "dead"
    WAITING = "waiting"
    DELIVERED = "delivered"


@app.command("list")
def list_notices(
    merchant: Merchant = None,
    state: Annotated[State, typer.Option(help="Which ones.")] = State.DEAD,
    as_json: AsJson = False,
) -> None:
    """Show the notices that were given up; they can be replayed for 30 days.

    MONGO_URL says where the store is. `--state waiting` shows those that will be tried again.
    """
    with faults_reported(as_json=as_json):
        found = _run(lambda store: store.find(merchant, [state.value]))
    if as_json:
        typer.echo(json.dumps({"notices": [_fields(one) for one in found]}))
    elif found:
        _show(found)
    else:
        typer.echo(f"No {state.value} notices.")


@app.command("show")
def show(number: Number, as_json: AsJson = False) -> None:
    """Show one notice with its body: ids, times, topic and skill; never what anybody wrote."""
    with faults_reported(as_json=as_json):
        found = _run(lambda store: _one(store, number))
    if as_json:
        typer.echo(json.dumps({**_fields(found), "body": json.loads(found.body)}))
        return
    for name, value in _fields(found).items():
        typer.echo(f"{name:<16} {value}")
    typer.echo(json.dumps(json.loads(found.body), indent=2))


@app.command("replay")
def replay(
    number: Annotated[int | None, typer.Argument(help="Which one, by its number.", min=1)] = None,
    merchant: Annotated[
        str | None, typer.Option(help="Instead of a number: all dead ones of this merchant.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send notices anew, under their old ids: one of any state, or all dead ones of a merchant.

    Correct the cause first. An address that had answered 410 (never again) is asked again.
    """
    with faults_reported(as_json=as_json):
        if (number is None) == (merchant is None):
            raise LocalFault("It is not clear what to replay", "Give a number, or --merchant.")
        count = _run(lambda store: _replay(store, number, merchant))
    typer.echo(json.dumps({"replayed": count}) if as_json else f"{count} sent anew.")


async def _replay(store: "WebhookStore", number: int | None, merchant: str | None) -> int:
    if number is not None:
        found = [await _one(store, number)]
    else:
        found = await store.find(merchant, [State.DEAD.value])
    for delivery in found:
        await store.replay(delivery)
    return len(found)


async def _one(store: "WebhookStore", number: int) -> "Delivery":
    found = await store.get(number)
    if found is None:
        raise LocalFault(
            f"There is no notice {number}", "`prat webhooks list` shows those there are."
        )
    return found


def _run(work: Callable[["WebhookStore"], Awaitable[ResultT]]) -> ResultT:
    """The result of `work` on the store's notices; LocalFault while the store is away."""
    from libs.kit.mongo import AWAY_ERRORS, connect
    from libs.kit.settings import CommonSettings, redacted_url
    from services.handoff.webhook_store import WebhookStore

    url = CommonSettings().store_url()

    async def worked() -> ResultT:
        client = connect(url)
        try:
            return await work(WebhookStore(client))
        except AWAY_ERRORS:
            raise LocalFault(f"No store answers at {redacted_url(url)}", START_STORE) from None
        finally:
            client.close()

    return asyncio.run(worked())


def _fields(delivery: "Delivery") -> dict[str, object]:
    fields = asdict(delivery) | {
        "created_at": delivery.created_at.isoformat(timespec="seconds"),
        "tried_at": delivery.tried_at and delivery.tried_at.isoformat(timespec="seconds"),
    }
    del fields["body"]
    return fields


def _show(found: "list[Delivery]") -> None:
    """A line each, however long, so that `grep` finds whole notices."""
    heads = ("number", "created", "merchant", "type", "case", "tries", "problem")
    rows = [
        (str(one.number), f"{one.created_at:%Y-%m-%d %H:%M}", one.merchant_id, one.type,
         one.case_id, str(one.tries), one.problem or "")
        for one in found
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
