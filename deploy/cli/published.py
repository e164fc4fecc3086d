"""`prat content versions|rollback|diff|editor`: what was published, and who may publish."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
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
    from services.nlu.changes import Change
    from services.nlu.versions import Publication, Versions

ResultT = TypeVar("ResultT")

Merchant = Annotated[str, typer.Argument(help="The shop's id.")]
Version = Annotated[str, typer.Argument(help="A version of `prat content versions`.")]
Email = Annotated[str, typer.Argument(help="The editor's e-mail address.")]

editors = typer.Typer(no_args_is_help=True, help="Who may use the authoring page.")


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


@editors.command("add")
def add_editor(merchant: Merchant, email: Email) -> None:
    """Let EMAIL write MERCHANT's content; prints a new password, which is kept nowhere."""
    with faults_reported():
        password = asyncio.run(_add_editor(merchant, email))
    typer.echo(f"{email.lower()} writes for {merchant}. Password, shown once: {password}")


@editors.command("remove")
def remove_editor(email: Email) -> None:
    """Take EMAIL's account away; open sessions end at once."""
    with faults_reported():
        asyncio.run(_remove_editor(email))
    typer.echo(f"{email.lower()} is no editor any more.")


@editors.command("list")
def list_editors() -> None:
    """List the editors and their shops."""
    with faults_reported():
        found = asyncio.run(_editors())
    for account in found:
        typer.echo(f"{account['_id']}  {' '.join(account['merchants'])}")


def change_lines(change: "Change") -> list[str]:
    """A difference as it is shown: the place, then what went and what came."""
    place = " ".join(part for part in (change.topic or "merchant", change.where) if part)
    lines = [f"[bold]{escape(place)}[/]"]
    if change.before is not None:
        lines.append(f"  [red]- {escape(change.before)}[/]")
    if change.after is not None:
        lines.append(f"  [green]+ {escape(change.after)}[/]")
    return lines


async def _history(merchant: str) -> "list[Publication]":
    return await _with_versions(lambda kept: kept.list(merchant))


async def _differences(merchant: str, before: str, after: str) -> "list[Change]":
    from services.nlu.changes import changes

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
    from services.nlu.versions import again

    async def work(kept: "Versions") -> None:
        pack = again(await _pack(kept, merchant, version), utc_now())
        async with speaking(os.environ) as bus:
            await kept.announce(pack, "command line", note or f"back to {version}")
            await bus.publish(pack)

    await _with_versions(work)


async def _add_editor(merchant: str, email: str) -> str:
    from deploy.local.secrets import new_password
    from services.nlu.editors import Editors, EditorStore, named

    password = new_password()
    async with _store() as client:
        store = EditorStore(client)
        await store.prepare()
        known = await store.account(email.lower())
        merchants = sorted({*(known["merchants"] if known else ()), merchant})
        await Editors(store).put(named(email, tuple(merchants)), password)
    return password


async def _remove_editor(email: str) -> None:
    from services.nlu.editors import EditorStore

    async with _store() as client:
        await EditorStore(client).remove(email.lower())


async def _editors() -> list[dict[str, Any]]:
    from services.nlu.editors import EditorStore

    async with _store() as client:
        return await EditorStore(client).accounts()


async def _with_versions(work: "Callable[[Versions], Awaitable[ResultT]]") -> ResultT:
    from services.nlu.versions import Versions

    async with _store() as client:
        kept = Versions(client)
        await kept.prepare()
        return await work(kept)


@asynccontextmanager
async def _store() -> "AsyncIterator[Any]":
    from libs.kit.mongo import AWAY_ERRORS, connect
    from libs.kit.settings import redacted_url

    url = settings_of(os.environ).mongo_url
    client = connect(url)
    try:
        yield client
    except AWAY_ERRORS:
        fix = "Start it (`prat up` does), or give the right address in MONGO_URL."
        raise ConfigurationError(f"No store answers at {redacted_url(url)}.", fix) from None
    finally:
        client.close()


@asynccontextmanager
async def speaking(environ: Mapping[str, str]) -> "AsyncIterator[Bus]":
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
        "PRAT_KAFKA_IDEMPOTENCE": "kafka_idempotence",
    }  # fmt: skip
    given = {field: environ[name] for name, field in names.items() if name in environ}
    return CommonSettings.model_validate(given)


async def _need(bootstrap: str) -> None:
    from deploy.local.errors import LocalFault
    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)
