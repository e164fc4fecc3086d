"""What can go wrong on this machine: every fault names its cause, its fix and where to read more."""

from pathlib import Path

from libs.kit.errors import ConfigurationError


class LocalFault(ConfigurationError):
    """A part of the local house cannot run; written for the person at the terminal."""

    def __init__(self, cause: str, fix: str, log: Path | None = None) -> None:
        super().__init__(cause, fix)
        self.log = log


class MissingTool(LocalFault):
    """A program or a package that the machine lacks and that cannot be fetched."""


class StartFailed(LocalFault):
    """A child process ended, or did not become ready in time."""


class Restless(LocalFault):
    """A service died too often to be restarted once more."""


class ContractBroken(LocalFault):
    """The broker's topics differ from the contracts."""
