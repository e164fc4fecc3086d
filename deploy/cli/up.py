"""`prat up`: broker, store, topics and the five services in the foreground."""

import asyncio
import time
from typing import TYPE_CHECKING

from rich.console import Console

from deploy.cli.output import DataDir, faults_reported, screen, step_line

if TYPE_CHECKING:
    from deploy.local.layout import Layout


def up(data_dir: DataDir = None) -> None:
    """Run broker, store and the five services here until Ctrl-C.

    KAFKA_BOOTSTRAP and MONGO_URL, when set, are used instead of local ones. No content is
    published: see `prat content publish`, or use `prat demo`.
    """
    from deploy.cli.foreground import run_until_told
    from deploy.local.house import House, Options
    from deploy.local.places import Places

    console = screen()
    began = time.monotonic()
    with faults_reported():
        house = House(
            Places.at(data_dir),
            # Without content the services live but are not ready: publishing it comes after.
            Options(ready_path="/livez"),
            on_step=lambda done: console.print(step_line(done)),
            say=lambda text: console.print(text, markup=False),
        )
        console.print(f"[bold]prat up[/] · {house.stack.sentence}")

        def when_ready() -> None:
            show_addresses(console, house.layout, time.monotonic() - began)

        asyncio.run(run_until_told(house, when_ready))


def show_addresses(console: Console, layout: "Layout", seconds: float) -> None:
    """Where the services with a public port answer."""
    for name in ("gateway", "handoff", "analytics"):
        console.print(f" {name:<12} {layout.url(name)}", markup=False)
    console.print(f" ready in {seconds:.1f} s · Ctrl-C stops", markup=False)
