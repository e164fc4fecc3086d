"""The store's own Python environment: built once from pinned packages, never imported by us."""

import shutil
import sys
from pathlib import Path

from deploy.local.once import build_once, is_complete
from deploy.local.places import ROOT, Places
from deploy.local.processes import run_to_end

REQUIREMENTS = ROOT / "deploy" / "local" / "store-requirements.txt"
FIX = "Check that this machine reaches the Python package index, then start again."


def store_version() -> str:
    """The pinned version of the store."""
    pins = REQUIREMENTS.read_text().splitlines()
    return next(pin.split("==")[1] for pin in pins if pin.startswith("secantusdb=="))


def environment(places: Places) -> Path:
    """Where the environment is, or will be."""
    return places.cache / "store-venv"


def have_store(places: Places) -> bool:
    """Whether the environment is there, completely and for today's pins."""
    return is_complete(environment(places), REQUIREMENTS.read_text())


def store_program(places: Places) -> str:
    """The path of the store's server."""
    return str(environment(places) / "bin" / "secantusd-py")


async def build_environment(places: Places) -> bool:
    """Build the environment unless it is there; returns whether it did. Needs a network."""
    stamp = REQUIREMENTS.read_text()
    return await build_once(environment(places), stamp, lambda: _build(places))


async def _build(places: Places) -> None:
    target = str(environment(places))
    python = f"{target}/bin/python"
    uv = find_uv()
    make = [uv, "venv", "-q", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    pip = [uv, "pip"] if uv else [python, "-m", "pip"]
    install = [*pip, "install", "-q", *(["--python", python] if uv else [])]
    log = places.logs / "store-install.log"
    await run_to_end("store environment", [*make, target], log, fix=FIX)
    await run_to_end("store packages", [*install, "-r", str(REQUIREMENTS)], log, fix=FIX)


def find_uv() -> str | None:
    """The `uv` beside our Python or on the path; without one plain venv and pip do."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")
