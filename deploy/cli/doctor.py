"""`prat doctor`: looks at this machine and says what to do about what is missing."""

import asyncio
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape

from deploy.cli.output import AsJson, DataDir, screen

if TYPE_CHECKING:
    from deploy.local.checks import Finding


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check Java, jars, store, ports, secrets, broker and store; exit code 1 when one fails."""
    from deploy.local.checks import all_good, examine
    from deploy.local.places import Places

    findings = asyncio.run(examine(Places.at(data_dir), os.environ))
    good = all_good(findings)
    if as_json:
        body = {"good": good, "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(body))
    else:
        _show(screen(), findings)
    if not good:
        raise typer.Exit(1)


def _show(console: Console, findings: list["Finding"]) -> None:
    for finding in findings:
        console.print(f" {mark(finding)} {finding.name:<13} {escape(finding.detail)}")
        if not finding.good:
            console.print(f"        fix: {escape(finding.fix)}")


def mark(finding: "Finding") -> str:
    """A word, not only a colour."""
    if finding.good:
        return "[green]ok  [/]"
    return "[bold red]FAIL[/]" if finding.needed else "[yellow]note[/]"
