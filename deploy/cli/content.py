"""`prat content`: check merchants' content, publish it to the bus, and go back."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deploy.cli import editors, published
from deploy.cli.output import AsJson, faults_reported, screen
from libs.kit.clock import utc_now

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.content.yamlfile import Problem

app = typer.Typer(no_args_is_help=True, help="Check merchants' content, and publish it.")
app.command("versions")(published.versions)
app.command("rollback")(published.rollback)
app.command("diff")(published.diff)
app.add_typer(editors.app, name="editor")

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
    from services.nlu.content.packs import load_folder
    from services.nlu.content.yamlfile import ContentError

    try:
        packs = load_folder(folder, os.environ, utc_now())
    except ContentError as error:
        _show_problems(error.problems, as_json=as_json)
        raise typer.Exit(1) from None
    lines = [summary(pack) for pack in packs]
    typer.echo(json.dumps({"valid": True, "merchants": lines}) if as_json else "\n".join(lines))


async def publish_folder(
    folder: Path, environ: Mapping[str, str], *, over_editors: bool = True
) -> list[str]:
    """Publish every merchant in `folder`; a line for each. The same content is the same event.

    `environ` says where the broker is, and fills the variables in the merchants' addresses.
    Without `over_editors` a shop whose content somebody has published by hand keeps that.
    """
    from services.nlu.content.packs import load_folder

    packs = load_folder(folder, environ, utc_now())
    if not over_editors:
        edited = await published.by_hand(environ, [pack.merchant_id for pack in packs])
        packs = [pack for pack in packs if pack.merchant_id not in edited]
    async with published.speaking(environ) as bus:
        for pack in packs:
            await bus.publish(pack)
    return [summary(pack) for pack in packs]


def summary(pack: "PackPublished") -> str:
    """One merchant's content in a line."""
    languages = " ".join(pack.merchant.languages)
    return f"{pack.merchant_id} {pack.pack_version}: {len(pack.topics)} topics in {languages}"


def _show_problems(problems: "tuple[Problem, ...]", *, as_json: bool) -> None:
    if as_json:
        rows = [asdict(problem) for problem in problems]
        typer.echo(json.dumps({"valid": False, "problems": rows}, ensure_ascii=False))
        return
    for problem in problems:
        screen().print(f"{escape(str(problem))}\n  [bold]Fix:[/] {escape(problem.fix)}")
