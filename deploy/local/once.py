"""Work that a machine needs once: fetching jars, building an environment."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

STAMP = ".complete"
POLL_SECONDS = 0.1


def is_complete(folder: Path, stamp: str) -> bool:
    """Whether `folder` was finished for exactly this `stamp` (a version or a list of pins)."""
    mark = folder / STAMP
    return mark.exists() and mark.read_text() == stamp


async def build_once(folder: Path, stamp: str, build: Callable[[], Awaitable[None]]) -> bool:
    """Let `build` fill `folder` unless it is complete; half-built remains are removed first.

    Returns whether anything was built. Processes that ask at the same time wait for each other.
    """
    if is_complete(folder, stamp):
        return False
    async with _locked(folder.with_name(f".{folder.name}.lock")):
        if is_complete(folder, stamp):
            return False
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        await build()
        (folder / STAMP).write_text(stamp)
    return True


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _try_lock(handle):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
