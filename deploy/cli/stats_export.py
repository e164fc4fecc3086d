"""`prat stats export`: a shop's figures as a file for its own warehouse."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.published import newest_pack, opened_store
from libs.kit.errors import ConfigurationError, Refused


def export(
    *,
    merchant: Annotated[str, typer.Option(help="The shop's id.")],
    out: Annotated[Path, typer.Option(help="The file; one that is there is replaced.")],
    first: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = "",
    days: Annotated[str, typer.Option(help="Instead: so many days until today (default 7).")] = "",
    kind: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    as_json: AsJson = False,
) -> None:
    """Write the figures of each day of a period, one row each; nothing that the interface does not show.

    The columns are described in docs/statistics.md.
    """
    asked = {"from": first, "to": last, "days": days}
    with faults_reported(as_json=as_json):
        rows = asyncio.run(_export(merchant, {k: v for k, v in asked.items() if v}, kind, out))
    told = {"merchant": merchant, "rows": rows, "file": str(out)}
    typer.echo(json.dumps(told) if as_json else f"{rows} rows of {merchant} are in {out}.")


async def _export(merchant: str, asked: dict[str, str], kind: str, out: Path) -> int:
    from zoneinfo import ZoneInfo

    from starlette.datastructures import QueryParams

    from libs.kit.clock import utc_now
    from services.analytics.asking import period_of
    from services.analytics.daily import rows_between
    from services.analytics.figures import Figures
    from services.analytics.files import Format, place, written

    if kind not in {*Format}:
        raise ConfigurationError("There is no such format.", f"give {' or '.join(Format)}.")
    pack = await newest_pack(merchant)
    today = utc_now().astimezone(ZoneInfo(pack.merchant.time_zone)).date()
    try:
        period = period_of(QueryParams(asked), pack.merchant, today)
    except Refused as refused:
        raise ConfigurationError(refused.message, refused.fix) from None
    async with opened_store() as client:
        rows = await rows_between(Figures(client, utc_now), pack, period)
    place(out, written(rows, Format(kind)))
    return len(rows)
