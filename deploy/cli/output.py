"""What the commands write: plain text everywhere, colour only on a terminal that wants it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.local.errors import LocalFault
from deploy.local.progress import Done
from libs.kit.errors import ConfigurationError

DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder for data, logs and secrets (default ./.prat).", show_default=False),
]
"""The option that every command on a local house has."""

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object, for programs.")]
"""The option of commands that programs read."""


def screen() -> Console:
    """Standard output; rich leaves colour out for NO_COLOR, pipes and dumb terminals."""
    return Console(highlight=False, soft_wrap=True)


def step_line(done: Done) -> str:
    """One finished step, with its time."""
    number = escape(f"[{done.number}/{done.of}]")
    detail = escape(done.detail)
    return f" [dim]{number}[/] [bold]{done.title:<14}[/] {detail}  [dim]{done.seconds:.1f} s[/]"


@contextmanager
def counted() -> Iterator[Callable[[int, int], None]]:
    """How far a long step is: a line that is written over on a terminal, else one per quarter."""
    console, quarters = screen(), {0}
    with console.status("") as line:

        def progress(done: int, of: int) -> None:
            percent = 100 * done // of
            text = f"{done} of {of} ({percent} %)"
            line.update(text)
            if not console.is_terminal and percent // 25 not in quarters:
                quarters.add(percent // 25)
                console.print(f"       {text}")

        yield progress


def fault_lines(error: ConfigurationError) -> list[str]:
    """Cause, fix and log of a fault."""
    lines = [f"[bold red]Fault:[/] {escape(error.cause)}", f"[bold]Fix:[/]   {escape(error.fix)}"]
    if isinstance(error, LocalFault) and error.log is not None:
        lines.append(f"[bold]Log:[/]   {escape(str(error.log))}")
    return lines


def fault_json(error: ConfigurationError) -> str:
    """The same for programs."""
    log = str(error.log) if isinstance(error, LocalFault) and error.log else None
    body = {"cause": error.cause, "fix": error.fix, "log": log}
    return json.dumps({"ready": False, "error": body})


@contextmanager
def faults_reported(*, as_json: bool = False) -> Iterator[None]:
    """Turn a fault into a clear message and exit code 1."""
    try:
        yield
    except ConfigurationError as error:
        if as_json:
            typer.echo(fault_json(error))
        else:
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            for line in fault_lines(error):
                console.print(line)
        raise typer.Exit(1) from None
