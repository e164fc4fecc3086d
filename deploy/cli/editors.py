"""`prat content editor`: who may write a shop's content in the browser."""

import asyncio
from typing import Annotated, Any

import typer

from deploy.cli.output import faults_reported
from deploy.cli.published import Merchant, opened_store

app = typer.Typer(no_args_is_help=True, help="Who may use the authoring page.")

Email = Annotated[str, typer.Argument(help="The editor's e-mail address.")]


@app.command("add")
def add_editor(merchant: Merchant, email: Email) -> None:
    """Let EMAIL write MERCHANT's content; prints a new password, which is kept nowhere."""
    with faults_reported():
        password = asyncio.run(_add_editor(merchant, email))
    typer.echo(f"{email.lower()} writes for {merchant}. Password, shown once: {password}")


@app.command("remove")
def remove_editor(email: Email) -> None:
    """Take EMAIL's account away; open sessions end at once."""
    with faults_reported():
        asyncio.run(_remove_editor(email))
    typer.echo(f"{email.lower()} is no editor any more.")


@app.command("list")
def list_editors() -> None:
    """List the editors and their shops."""
    with faults_reported():
        found = asyncio.run(_editors())
    for account in found:
        typer.echo(f"{account['_id']}  {' '.join(account['merchants'])}")


async def _add_editor(merchant: str, email: str) -> str:
    from deploy.local.secrets import new_password
    from services.nlu.authoring.editors import Editors, EditorStore, named

    password = new_password()
    async with opened_store() as client:
        store = EditorStore(client)
        await store.prepare()
        known = await store.account(email.lower())
        merchants = sorted({*(known["merchants"] if known else ()), merchant})
        await Editors(store).put(named(email, tuple(merchants)), password)
    return password


async def _remove_editor(email: str) -> None:
    from services.nlu.authoring.editors import EditorStore

    async with opened_store() as client:
        await EditorStore(client).remove(email.lower())


async def _editors() -> list[dict[str, Any]]:
    from services.nlu.authoring.editors import EditorStore

    async with opened_store() as client:
        return await EditorStore(client).accounts()
