"""The `prat` command line: registers every group of commands."""

from importlib.metadata import version
from typing import Annotated

import typer

from deploy.cli import (
    agents,
    audit,
    backup,
    content,
    demo,
    dlq,
    docs,
    doctor,
    handoff,
    init,
    merchant,
    nlu,
    privacy,
    receipt,
    rights,
    service,
    statement,
    stats,
    topics,
    up,
    webhooks,
    widget,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Prat: a customer-service chatbot whose privacy promises are enforced and provable.",
    epilog="Start with `prat demo`. Something wrong? `prat doctor`.",
)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("init")(init.init)
app.command("doctor")(doctor.doctor)
app.command("service")(service.service)
app.command("embed-check")(widget.embed_check)
app.add_typer(widget.app, name="widget")
app.add_typer(backup.app, name="backup")
app.command("restore")(backup.restore)
app.add_typer(topics.app, name="topics")
app.add_typer(dlq.app, name="dlq")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(agents.app, name="agent")
app.add_typer(handoff.app, name="handoff")
app.add_typer(audit.app, name="audit")
app.add_typer(receipt.app, name="receipt")
app.add_typer(statement.app, name="statement")
app.add_typer(rights.app, name="rights")
app.add_typer(content.app, name="content")
app.add_typer(nlu.app, name="nlu")
app.add_typer(privacy.app, name="privacy")
app.add_typer(stats.app, name="stats")
app.add_typer(merchant.app, name="merchant")
app.add_typer(docs.app, name="docs")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"prat {version('prat')}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Read the options that come before a command."""
