"""`prat content`: check merchants' content, and publish it to the bus."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deploy.cli.output import AsJson, faults_reported, screen
from libs.kit.clock import utc_now

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.yamlfile import Problem

app = typer.Typer(no_args_is_help=True, help="Check merchants' content, and publish it.")

Folder = Annotated[
    Path,
    typer.Argument(help="A folder with merchant.yaml, or with one such folder per merchant."),
]


@app.command()
def publish(folder: Folder, as_json: AsJson = False) -> None:
    """Publish every merchant in FOLDER; running bots switch to it at once."""
    with faults_reported(as_json=as_json):
        lines = asyncio.run(publish_folder(folder, os.environ))
    typer.echo(json.dumps({"published": lines}) if as_json else "\n".join(lines))


@app.command()
def validate(folder: Folder, as_json: AsJson = False) -> None:
    """Check every merchant in FOLDER; each problem is named with file, line, column and fix."""
    from services.nlu.packs import load_folder
    from services.nlu.yamlfile import ContentError

    try:
        packs = load_folder(folder, os.environ, utc_now())
    except ContentError as error:
        _show_problems(error.problems, as_json=as_json)
        raise typer.Exit(1) from None
    lines = [summary(pack) for pack in packs]
    typer.echo(json.dumps({"valid": True, "merchants": lines}) if as_json else "\n".join(lines))


async def publish_folder(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """Publish every merchant in `folder`; a line for each. The same content is the same event.

    `environ` says where the broker is, and fills the variables in the merchants' addresses.
    """
    from libs.kit.bus import Bus
    from libs.kit.settings import CommonSettings
    from services.nlu.packs import load_folder

    packs = load_folder(folder, environ, utc_now())
    names = {"KAFKA_BOOTSTRAP": "KAFKA_BOOTSTRAP", "PRAT_KAFKA_IDEMPOTENCE": "kafka_idempotence"}
    given = {field: environ[name] for name, field in names.items() if name in environ}
    settings = CommonSettings.model_validate(given)
    await _need(settings.kafka_bootstrap)
    # The content topic belongs to nlu; this command speaks in its name.
    bus = Bus(settings, "nlu")
    await bus.start()
    try:
        for pack in packs:
            await bus.publish(pack)
    finally:
        await bus.stop()
    return [summary(pack) for pack in packs]


def summary(pack: "PackPublished") -> str:
    """One merchant's content in a line."""
    languages = " ".join(pack.merchant.languages)
    return f"{pack.merchant_id} {pack.pack_version}: {len(pack.topics)} topics in {languages}"


async def _need(bootstrap: str) -> None:
    from deploy.local.errors import LocalFault
    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)


def _show_problems(problems: "tuple[Problem, ...]", *, as_json: bool) -> None:
    if as_json:
        rows = [asdict(problem) for problem in problems]
        typer.echo(json.dumps({"valid": False, "problems": rows}, ensure_ascii=False))
        return
    for problem in problems:
        screen().print(f"{escape(str(problem))}\n  [bold]Fix:[/] {escape(problem.fix)}")
