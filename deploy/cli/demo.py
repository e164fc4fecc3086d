"""`prat demo`: the whole house with two demo shops, ready to be tried in a browser."""

import asyncio
import json
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from deploy.cli.output import AsJson, DataDir, faults_reported, screen, step_line

if TYPE_CHECKING:
    from deploy.demo.runner import DemoHouse

FreePorts = Annotated[
    bool, typer.Option("--free-ports", help="Use free ports only, not 8080 and its neighbours.")
]

WithHistory = Annotated[
    bool,
    typer.Option(
        "--with-history",
        help="Invented visitors talk to the bot first, so that statistics and inbox are not empty.",
    ),
]


def demo(
    data_dir: DataDir = None,
    free_ports: FreePorts = False,
    with_history: WithHistory = False,
    as_json: AsJson = False,
) -> None:
    """Run everything with two demo shops until Ctrl-C, and print where to click.

    All data is invented. Everything stays on this machine, in the data directory; delete that
    folder to start anew.
    """
    from deploy.cli.foreground import run_until_told
    from deploy.demo.runner import DemoHouse
    from deploy.local.house import Options
    from deploy.local.places import Places

    console = Console(quiet=True) if as_json else screen()
    began = time.monotonic()
    with faults_reported(as_json=as_json):
        house = DemoHouse(
            Places.at(data_dir),
            Options(fixed_ports=not free_ports),
            on_step=lambda done: console.print(step_line(done)),
            say=lambda text: console.print(text, markup=False),
        )
        if with_history:
            from deploy.demo.history.visits import every_visit

            house.visits = every_visit()
        console.print(f"[bold]prat demo[/] · {house.stack.sentence}")

        def when_ready() -> None:
            seconds = round(time.monotonic() - began, 1)
            if as_json:
                typer.echo(json.dumps({"ready": True, "seconds": seconds, **house.summary()}))
            show_links(console, house, seconds)

        asyncio.run(run_until_told(house, when_ready))


def show_links(console: Console, house: "DemoHouse", seconds: float) -> None:
    """The addresses, log-ins and hints of a running demo."""
    console.print()
    for title, address, hint in link_rows(house):
        console.print(f" {title:<18} {address:<26} {hint}".rstrip(), markup=False)
    console.print()
    console.print(f" Logs: {house.places.logs}", markup=False)
    console.print(" README.md walks one message through the code.", markup=False)
    console.print(f" ready in {seconds:.1f} s · Ctrl-C stops", markup=False)


def link_rows(house: "DemoHouse") -> list[tuple[str, str, str]]:
    """A title, an address and a hint each; log-ins stand under the page that they open."""
    links = house.layout.links()
    return [
        ("Fjellbekk Friluft", links["fjellbekk"], 'open the chat, ask: "Hvor er pakken min?"'),
        ("Havsrö Hem", links["havsro"], 'open the chat, ask: "Var är mitt paket?"'),
        ("Playground", links["playground"], "try the tag's options, copy the tag"),
        ("Agents' console", links["console"], ""),
        *(("", agent, password) for agent, password in house.passwords.items()),
        ("Bot's content", links["authoring"], "change an answer, train, preview, publish"),
        *(("", editor, password) for editor, password in house.editors.items()),
        ("Statistics", links["statistics"], ""),
        *(("", merchant, token) for merchant, token in house.statistics_tokens.items()),
    ]
