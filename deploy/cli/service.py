"""`prat service NAME`: one service in the foreground, configured by the environment."""

from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer


class ServiceName(StrEnum):
    """The five services."""

    GATEWAY = "gateway"
    NLU = "nlu"
    HANDOFF = "handoff"
    RETENTION = "retention"
    ANALYTICS = "analytics"


def service(name: Annotated[ServiceName, typer.Argument(help="Which service to run.")]) -> None:
    """Run one service until SIGTERM; its settings come from the environment."""
    import_module(f"services.{name}.app").main()
