"""`prat widget`: the tag for a shop's pages, and loaders that stay; `prat embed-check`: whether it works."""

import json
from dataclasses import asdict
from enum import IntEnum
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from deploy.cli.output import AsJson, screen
from libs.contracts.envelope import MerchantId

app = typer.Typer(no_args_is_help=True, help="The chat on a shop's pages: its tag, its releases.")

GATEWAY = "http://127.0.0.1:8090"
COLOURS = {"ok": "green", "hint": "yellow", "fault": "bold red"}


class Outcome(IntEnum):
    """The exit code of a check."""

    WORKS = 0
    FAULTS = 1
    UNREACHABLE = 2


@app.command("tag")
def print_tag(
    merchant: Annotated[str, typer.Option(help="The shop's id.")],
    gateway: Annotated[str, typer.Option(help="The gateway's public address.")] = GATEWAY,
    locale: Annotated[str | None, typer.Option(help="Language, if not the page's.")] = None,
    pinned: Annotated[bool, typer.Option(help="With this version's address and hash.")] = False,
) -> None:
    """Print the tag that a shop puts before </body> of its pages; docs/embedding.md has all options."""
    from services.gateway.tags import tag

    _check_merchant(merchant)
    options = {"data-merchant": merchant} | ({"data-locale": locale} if locale else {})
    typer.echo(tag(gateway, options, pinned=pinned))


@app.command("release")
def release() -> None:
    """Keep today's loader for ever: tags that are pinned to it go on working after it changes.

    Writes it into services/gateway/releases; commit it with the release.
    """
    from services.gateway.files import LOADER, RELEASES, widget_files

    file = widget_files()[LOADER]
    RELEASES.mkdir(exist_ok=True)
    path = RELEASES / f"{file.version}.js"
    path.write_bytes(file.plain)
    typer.echo(f"wrote {path}")


def embed_check(
    address: Annotated[str, typer.Argument(metavar="URL", help="A page of the shop.")],
    as_json: AsJson = False,
) -> None:
    """Look at a page: will the chat work there, and if not, which line is to be changed?

    Exit code 0: it works; 1: faults; 2: the page could not be read.
    """
    import httpx

    from deploy.embed.check import PATIENCE, EmbedCheck, State, Unreachable

    with httpx.Client(follow_redirects=True, timeout=PATIENCE) as client:
        try:
            found = EmbedCheck(client).run(address)
        except Unreachable as error:
            _tell_unreachable(address, str(error), as_json=as_json)
            raise typer.Exit(Outcome.UNREACHABLE) from None
    is_fine = all(one.state is not State.FAULT for one in found)
    if as_json:
        typer.echo(json.dumps({"url": address, "ok": is_fine, "findings": [*map(asdict, found)]}))
    else:
        _show([asdict(one) for one in found])
    raise typer.Exit(Outcome.WORKS if is_fine else Outcome.FAULTS)


def _show(found: list[dict[str, str]]) -> None:
    from rich.markup import escape

    console = screen()
    for one in found:
        colour = COLOURS[one["state"]]
        line = f"[{colour}]{one['state']:<6}[/] {one['check']:<14} {escape(one['message'])}"
        console.print(line + (f" [bold]Fix:[/] {escape(one['fix'])}" if one["fix"] else ""))


def _tell_unreachable(address: str, why: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"url": address, "ok": False, "error": why, "findings": []}))
    else:
        typer.echo(f"{why} Fix: check the address.", err=True)


def _check_merchant(merchant: str) -> None:
    try:
        TypeAdapter(MerchantId).validate_python(merchant)
    except ValidationError:
        raise typer.BadParameter(
            "not a shop's id: lower-case letters, digits and hyphens.", param_hint="--merchant"
        ) from None
