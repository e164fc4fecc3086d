"""`prat agent`: who may use the agents' console, as what, at which shop, with which second factor."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import AsJson, faults_reported, screen
from deploy.cli.published import opened_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from libs.kit.second_factor import Enrolment
    from services.handoff.administration import Administration

app = typer.Typer(no_args_is_help=True, help="Who may use the agents' console, and as what.")

WHO = "command line"
ROLES = "agent, supervisor, merchant_admin, dpo or operator"

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Shop = Annotated[str, typer.Option("--merchant", help="A shop's id; '*' for an operator only.")]
Roles = Annotated[list[str], typer.Option("--role", help=f"{ROLES}; may be repeated.")]
Skills = Annotated[
    list[str], typer.Option("--skill", help="A skill of the shop; may be repeated; all without.")
]


@app.command("add")
def add(
    email: Email,
    *,
    merchant: Shop,
    role: Roles = ["agent"],  # noqa: B006 - typer reads it, nobody changes it
    skill: Skills = ["*"],  # noqa: B006
    name: Annotated[str, typer.Option(help="As visitors see it; from the address without.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let EMAIL work for a shop; prints a new password, which is kept nowhere."""
    password = _done(lambda desk: desk.add(email, name, merchant, role, skill), as_json=as_json)
    _say({"email": email.lower(), "password": password}, as_json, [
        f"{email.lower()} is {_listed(role)} at {merchant}. Password, shown once: {password}",
        f"Second factor: `prat agent totp {email.lower()}`",
    ])  # fmt: skip


@app.command("list")
def list_agents(as_json: AsJson = False) -> None:
    """List everybody, with roles, skills and second factor."""
    found = _done(lambda desk: desk.everybody(), as_json=as_json)
    _say(found, as_json, [_line(one) for one in found])


@app.command("roles")
def roles(
    email: Email,
    *,
    merchant: Shop,
    role: Roles = [],  # noqa: B006
    skill: Skills = ["*"],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Say anew what EMAIL is at a shop; nothing there without --role. Other shops stay."""
    _done(lambda desk: desk.grant(email, merchant, role, skill), as_json=as_json)
    said = f"{email.lower()} is {_listed(role) or 'nothing'} at {merchant}."
    _say({"email": email.lower(), "merchant": merchant, "roles": role}, as_json, [said])


@app.command("disable")
def disable(email: Email, as_json: AsJson = False) -> None:
    """Shut EMAIL out: sessions end at once, open pages within 5 seconds."""
    _done(lambda desk: desk.disable(email), as_json=as_json)
    _say({"email": email.lower(), "disabled": True}, as_json, [f"{email.lower()} is disabled."])


@app.command("enable")
def enable(email: Email, as_json: AsJson = False) -> None:
    """Let EMAIL in again, with the password and the second factor as they were."""
    _done(lambda desk: desk.enable(email), as_json=as_json)
    _say({"email": email.lower(), "disabled": False}, as_json, [f"{email.lower()} may log in."])


@app.command("password")
def password(email: Email, as_json: AsJson = False) -> None:
    """Give EMAIL a new password, shown once; whoever is in with the old one is out.

    An address in agent-passwords.json gets the password of that file again at the next start.
    """
    new = _done(lambda desk: desk.new_password(email), as_json=as_json)
    said = f"New password of {email.lower()}, shown once: {new}"
    _say({"email": email.lower(), "password": new}, as_json, [said])


@app.command("totp")
def totp(
    email: Email,
    off: Annotated[bool, typer.Option("--off", help="Take the second factor away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give EMAIL a second factor: a code to scan and ten recovery codes, shown once."""
    if off:
        _done(lambda desk: desk.drop_second_factor(email), as_json=as_json)
        said = f"{email.lower()} has no second factor any more."
        _say({"email": email.lower(), "second_factor": False}, as_json, [said])
        return
    enrolment = _done(lambda desk: desk.enrol(email), as_json=as_json)
    if as_json:
        typer.echo(json.dumps({"email": email.lower(), **vars(enrolment)}))
    else:
        _show(email.lower(), enrolment)


def _show(email: str, enrolment: "Enrolment") -> None:
    import segno

    typer.echo(f"Second factor of {email}. Scan this with an authenticator app; shown once.\n")
    if screen().is_terminal:
        segno.make(enrolment.address).terminal(compact=True)
    typer.echo(f"Secret:  {enrolment.secret}\nAddress: {enrolment.address}\n")
    typer.echo("Recovery codes, each for one log-in without the app:")
    for code in enrolment.recovery_codes:
        typer.echo(f"  {code}")


def _done(work: "Callable[[Administration], Awaitable[Any]]", *, as_json: bool) -> Any:
    with faults_reported(as_json=as_json):
        return asyncio.run(_administered(work))


async def _administered(work: "Callable[[Administration], Awaitable[Any]]") -> Any:
    from libs.kit.settings import CommonSettings
    from services.handoff.administration import Administration, administration

    async with opened_store() as client:
        desk: Administration = administration(client, CommonSettings(), WHO)
        await desk.prepare()
        return await work(desk)


def _say(found: Any, as_json: bool, lines: list[str]) -> None:
    for line in [json.dumps(found)] if as_json else lines:
        typer.echo(line)


def _line(one: dict[str, Any]) -> str:
    marks = [mark for mark in ("second_factor", "disabled") if one[mark]]
    grants = [
        f"{grant['merchant_id']}: {_listed(grant['roles'])} ({_listed(grant['skills'])})"
        for grant in one["grants"]
    ]
    return "  ".join([one["email"], *grants, *(mark.replace("_", " ") for mark in marks)])


def _listed(names: list[str]) -> str:
    return ", ".join(names)
