"""`prat content versions|rollback|diff`: what was published, and the way back."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape

from deploy.cli.output import AsJson, faults_reported, screen
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from libs.contracts.content import PackPublished
    from libs.kit.bus import Bus
    from libs.kit.settings import CommonSettings
    from services.nlu.authoring.versions import Publication, Versions
    from services.nlu.content.changes import Change

ResultT = TypeVar("ResultT")

Merchant = Annotated[str, typer.Argument(help="The shop's id.")]
Version = Annotated[str, typer.Argument(help="A version of `prat content versions`.")]


def versions(merchant: Merchant, as_json: AsJson = False) -> None:
    """List what was published for MERCHANT, the newest first."""
    with faults_reported(as_json=as_json):
        found = asyncio.run(_history(merchant))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        at = f"{one.published_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{one.version}  {at}  {one.who}  {one.note}".rstrip())


def rollback(
    merchant: Merchant,
    version: Version,
    note: Annotated[str, typer.Option(help="Why; shown in the list of versions.")] = "",
) -> None:
    """Publish an old VERSION again; running bots switch to it at once."""
    with faults_reported():
        asyncio.run(_roll_back(merchant, version, note))
    typer.echo(f"{merchant} {version} is published again.")


def diff(
    merchant: Merchant,
    before: Version,
    after: Annotated[str, typer.Argument(help="Another version; the newest without it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions of MERCHANT's content."""
    with faults_reported(as_json=as_json):
        found = asyncio.run(_differences(merchant, before, after))
    if as_json:
        typer.echo(json.dumps([asdict(change) for change in found], ensure_ascii=False))
        return
    for change in found:
        for line in change_lines(change):
            screen().print(line)
    if not found:
        typer.echo("Nothing differs.")


def change_lines(change: "Change") -> list[str]:
    """A difference as it is shown: the place, then what went and what came."""
    place = " ".join(part for part in (change.topic or "merchant", change.where) if part)
    lines = [f"[bold]{escape(place)}[/]"]
    if change.before is not None:
        lines.append(f"  [red]- {escape(change.before)}[/]")
    if change.after is not None:
        lines.append(f"  [green]+ {escape(change.after)}[/]")
    return lines


async def by_hand(environ: Mapping[str, str], merchants: Sequence[str]) -> set[str]:
    """The merchants whose newest content was published in the browser or by a roll-back."""
    from services.nlu.authoring.versions import FROM_FILES

    async def work(kept: "Versions") -> set[str]:
        newest = [(merchant, await kept.list(merchant)) for merchant in merchants]
        return {merchant for merchant, found in newest if found and found[0].who != FROM_FILES}

    return await _with_versions(work, environ)


async def newest_pack(merchant: str) -> "PackPublished":
    """What runs for a merchant: its newest publication, from the store."""

    async def work(kept: "Versions") -> "PackPublished":
        return await _pack(kept, merchant, await _newest(kept, merchant))

    return await _with_versions(work)


async def _history(merchant: str) -> "list[Publication]":
    return await _with_versions(lambda kept: kept.list(merchant))


async def _differences(merchant: str, before: str, after: str) -> "list[Change]":
    from services.nlu.content.changes import changes

    async def work(kept: "Versions") -> "list[Change]":
        newest = after or await _newest(kept, merchant)
        return changes(await _pack(kept, merchant, before), await _pack(kept, merchant, newest))

    return await _with_versions(work)


async def _newest(kept: "Versions", merchant: str) -> str:
    found = await kept.list(merchant)
    if not found:
        raise ConfigurationError(
            f"Nothing was published for {merchant}.", "publish it with `prat content publish`."
        )
    return found[0].version


async def _pack(kept: "Versions", merchant: str, version: str) -> "PackPublished":
    pack = await kept.pack(merchant, version)
    if pack is None:
        raise ConfigurationError(
            f"The version {version} of {merchant} is not kept.",
            f"choose one of `prat content versions {merchant}`.",
        )
    return pack


async def _roll_back(merchant: str, version: str, note: str) -> None:
    from services.nlu.authoring.versions import again

    async def work(kept: "Versions") -> None:
        pack = again(await _pack(kept, merchant, version), utc_now())
        async with speaking() as bus:
            await kept.announce(pack, "command line", note or f"back to {version}")
            await bus.publish(pack)

    await _with_versions(work)


async def _with_versions(
    work: "Callable[[Versions], Awaitable[ResultT]]", environ: Mapping[str, str] = os.environ
) -> ResultT:
    from services.nlu.authoring.versions import Versions

    async with opened_store(environ) as client:
        kept = Versions(client)
        await kept.prepare()
        return await work(kept)


@asynccontextmanager
async def opened_store(
    environ: Mapping[str, str] = os.environ, url: str | None = None
) -> "AsyncIterator[Any]":
    """A client of the store, at `url` if it is given; raises ConfigurationError where none answers."""
    from libs.kit.mongo import AWAY_ERRORS, connect
    from libs.kit.settings import redacted_url

    url = url or settings_of(environ).store_url()
    client = connect(url)
    try:
        yield client
    except AWAY_ERRORS:
        fix = "Start it (`prat up` does), or give the right address in MONGO_URL."
        raise ConfigurationError(f"No store answers at {redacted_url(url)}.", fix) from None
    finally:
        client.close()


@asynccontextmanager
async def speaking(environ: Mapping[str, str] = os.environ) -> "AsyncIterator[Bus]":
    """A connection to the bus in nlu's name: the content topic belongs to it."""
    from libs.kit.bus import Bus

    settings = settings_of(environ)
    await _need(settings.kafka_bootstrap)
    bus = Bus(settings, "nlu")
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


def settings_of(environ: Mapping[str, str]) -> "CommonSettings":
    """Where broker and store are, as the environment says."""
    from libs.kit.settings import CommonSettings

    names = {
        "KAFKA_BOOTSTRAP": "KAFKA_BOOTSTRAP", "MONGO_URL": "MONGO_URL",
        "PRAT_KAFKA_IDEMPOTENCE": "kafka_idempotence", "PRAT_STORE_USER": "store_user",
        "PRAT_SECRETS_DIR": "secrets_dir",
    }  # fmt: skip
    given = {field: environ[name] for name, field in names.items() if name in environ}
    return CommonSettings.model_validate(given)


async def _need(bootstrap: str) -> None:
    from deploy.local.errors import LocalFault
    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)
