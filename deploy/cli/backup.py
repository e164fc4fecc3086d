"""`prat backup`, `prat restore`: copies of the store that never bring back what was erased."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported
from libs.kit.clock import utc_now

if TYPE_CHECKING:
    from deploy.backup.manifest import Manifest
    from deploy.backup.restoring import Outcome

app = typer.Typer(help="Copy the store into a folder; delete old copies of keys.")

SEAL = "ledger.key"
"""The secret that manifests are sealed with."""

Folder = Annotated[Path, typer.Argument(help="The folder that `prat backup` wrote.")]
Keys = Annotated[
    Path | None, typer.Option("--keys", help="The folder of the keys.", show_default=False)
]


@app.callback(invoke_without_command=True)
def backup(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder for the documents.", show_default=False),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", show_default=False,
            help="Another new folder, elsewhere, for the wrapped conversation keys.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Copy every service's documents while the house runs; of the keys only with --keys.

    Without the keys nothing that visitors wrote can be read again. A copy of keys must not become
    older than 7 days: let `prat backup prune` run every day.
    """
    if context.invoked_subcommand:
        return
    if out is None:
        raise typer.BadParameter("a new folder is needed.", param_hint="--out")
    with faults_reported(as_json=as_json):
        manifests = asyncio.run(_write(out, keys, as_json=as_json))
    if as_json:
        written = [one.model_dump(mode="json") for one in manifests]
        typer.echo(json.dumps({"written": written}))
        return
    for one in manifests:
        typer.echo(f"{one.documents} {one.holds} in {len(one.files)} files are kept.")


@app.command("prune")
def prune(
    folder: Annotated[Path, typer.Argument(help="Where copies of keys lie, at any depth.")],
    as_json: AsJson = False,
) -> None:
    """Delete every copy of keys that is 7 days old; exit code 1 where an age cannot be told."""
    from deploy.backup.pruning import pruned

    with faults_reported(as_json=as_json):
        gone, unknown = pruned(folder, _seal(), utc_now())
    if as_json:
        body = {"deleted": [*map(str, gone)], "unknown": [*map(str, unknown)]}
        typer.echo(json.dumps(body))
    else:
        typer.echo(f"{len(gone)} copies of keys deleted.")
        for one in unknown:
            typer.echo(f"The age of {one} cannot be told: delete it by hand.", err=True)
    if unknown:
        raise typer.Exit(1)


def restore(
    folder: Folder,
    keys: Keys = None,
    over: Annotated[bool, typer.Option("--over", help="Replace everything in the store.")] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup while no service runs; what was erased since, or has ended, stays away.

    The ledger of erasures is read from the bus first: without the bus of the backup nothing is
    restored. Services then read again what came since the backup, and make their indexes anew.
    """
    with faults_reported(as_json=as_json):
        outcome = asyncio.run(_restore(folder, keys, over=over, as_json=as_json))
    if as_json:
        typer.echo(json.dumps(vars(outcome)))
        return
    typer.echo(
        f"Restored: {outcome.restored} documents, {outcome.keys} keys. Left out: {outcome.erased} of "
        f"erased conversations, {outcome.expired} past their end. "
        f"{outcome.erasures} erasures of the ledger hold. Start the services now."
    )


async def _write(out: Path, keys: Path | None, *, as_json: bool) -> "list[Manifest]":
    from deploy.backup import writing
    from deploy.cli.published import opened_store, settings_of

    settings = settings_of(os.environ)
    bus = await writing.moment(settings.kafka_bootstrap)
    wanted: list[tuple[Path, Any]] = [(out, "documents"), *([(keys, "keys")] if keys else [])]
    seal = _seal()
    async with opened_store(url=_store_url()) as client:
        return [
            await writing.write(
                client, folder, writing.empty(holds, utc_now(), bus), seal, _say(as_json=as_json)
            )
            for folder, holds in wanted
        ]


async def _restore(folder: Path, keys: Path | None, *, over: bool, as_json: bool) -> "Outcome":
    from deploy.backup import restoring
    from deploy.backup.ledger import Bus
    from deploy.cli.published import opened_store, settings_of

    now, seal = utc_now(), _seal()
    sources = [restoring.opened(folder, "documents", seal, now)]
    if keys:
        sources.append(restoring.opened(keys, "keys", seal, now))
    bus = Bus(settings_of(os.environ).kafka_bootstrap)
    await restoring.check_quiet(bus.bootstrap)
    erasures = await bus.erasures_since(*(source.manifest.bus.ledger for source in sources))
    async with opened_store(url=_store_url()) as client:
        if not over:
            await restoring.check_empty(client)
        await restoring.rewind(bus.bootstrap, sources[0].manifest.bus)
        await restoring.clear(client)
        return await restoring.restore(client, sources, erasures, now, _say(as_json=as_json))


def _seal() -> bytes:
    from libs.kit.settings import CommonSettings

    return CommonSettings().key(SEAL)


def _store_url() -> str:
    """The store as somebody who may read and write everything; a service's own user may not."""
    from deploy.cli.published import settings_of
    from deploy.local.store_users import admin_url

    settings = settings_of(os.environ)
    return admin_url(settings, os.environ) or settings.mongo_url


def _say(*, as_json: bool) -> Any:
    return (lambda _text: None) if as_json else typer.echo
