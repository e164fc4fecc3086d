"""`prat stats token`: keys to a shop's statistics and improvement inbox."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from deploy.cli.published import Merchant, newest_pack, opened_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.analytics.key_desk import KeyDesk
    from services.analytics.keys import Key

app = typer.Typer(no_args_is_help=True, help="Keys to a shop's statistics.")

WHO = "command line"

Name = Annotated[str, typer.Argument(help="What the key is for, such as warehouse.")]
May = Annotated[
    list[str], typer.Option("--may", help="read (the figures) or inbox; may be repeated.")
]
Until = Annotated[
    str, typer.Option(help="Last day (UTC), YYYY-MM-DD; a year without, never over 400 days.")
]


@app.command("create")
def create(
    merchant: Merchant,
    name: Name,
    *,
    may: May = ["read"],  # noqa: B006 - typer reads it, nobody changes it
    until: Until = "",
    as_json: AsJson = False,
) -> None:
    """Make a key for MERCHANT; it is shown once and kept nowhere."""

    async def work(desk: "KeyDesk") -> Any:
        await newest_pack(merchant)
        return await desk.create(merchant, name, may, until)

    key, last = _done(work, as_json=as_json)
    told = {
        "merchant": merchant,
        "name": name,
        "may": sorted({*may}),
        "until": f"{last}",
        "key": key,
    }
    said = f"The key {name} of {merchant} may {' and '.join(told['may'])} until {last}."
    _say(told, [said, f"Shown once: {key}"], as_json=as_json)


@app.command("list")
def list_keys(
    merchant: Annotated[str, typer.Option(help="Of one shop only.")] = "", as_json: AsJson = False
) -> None:
    """List the living keys: what they may do, when they were made and last used, and when they end.

    The house's own first key, stats-MERCHANT.token in the secrets' folder, is not among them.
    """
    found = [_told(key) for key in _done(lambda desk: desk.all(merchant), as_json=as_json)]
    _say(found, [_line(one) for one in found] or ["No keys."], as_json=as_json)


@app.command("revoke")
def revoke(merchant: Merchant, name: Name, as_json: AsJson = False) -> None:
    """End a key at once; pages that are open with it stop within seconds."""
    _done(lambda desk: desk.revoke(merchant, name), as_json=as_json)
    told = {"merchant": merchant, "name": name, "revoked": True}
    _say(told, [f"The key {name} of {merchant} opens nothing any more."], as_json=as_json)


def _done(work: "Callable[[KeyDesk], Awaitable[Any]]", *, as_json: bool) -> Any:
    with faults_reported(as_json=as_json):
        return asyncio.run(_at_the_desk(work))


async def _at_the_desk(work: "Callable[[KeyDesk], Awaitable[Any]]") -> Any:
    from libs.kit.audit import KEY_FILE, Audit
    from libs.kit.clock import utc_now
    from libs.kit.settings import CommonSettings
    from services.analytics.key_desk import KeyDesk
    from services.analytics.keys import Keys

    async with opened_store() as client:
        keys, log = (
            Keys(client, utc_now),
            Audit(client, "analytics", CommonSettings().key(KEY_FILE)),
        )
        await keys.prepare()
        await log.prepare()
        return await work(KeyDesk(keys, log, WHO, utc_now))


def _told(key: "Key") -> dict[str, Any]:
    return {
        "merchant": key.merchant_id, "name": key.name, "may": sorted(key.rights),
        "made": f"{key.made_on}", "used": f"{key.used_on}" if key.used_on else None,
        "ends": f"{key.ends_at:%Y-%m-%dT%H:%MZ}",
    }  # fmt: skip


def _line(one: dict[str, Any]) -> str:
    used = f"last used {one['used']}" if one["used"] else "never used"
    may = " and ".join(one["may"])
    return f"{one['merchant']}  {one['name']}  may {may}  made {one['made']}  {used}  ends {one['ends']}"


def _say(told: Any, lines: list[str], *, as_json: bool) -> None:
    for line in [json.dumps(told)] if as_json else lines:
        typer.echo(line)
