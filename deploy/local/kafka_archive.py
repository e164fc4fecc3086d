"""Kafka's classes as the JVM keeps them after loading: halves the start of the broker."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.local.kafka_jars import jars_folder
from deploy.local.places import Places

Rehearse = Callable[[str], Awaitable[None]]
"""Runs a broker once, with one more JVM option, and stops it in order."""


def archive_file(places: Places) -> Path:
    """Where the archive of our version is, or will be."""
    return places.cache / f"{jars_folder(places).name}.jsa"


def archive_options(places: Places) -> list[str]:
    """The JVM's option to load the archive; nothing while there is none.

    An archive that does not fit the JVM or the jars is left aside by the JVM itself.
    """
    archive = archive_file(places)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []


async def make_archive(places: Places, rehearse: Rehearse) -> bool:
    """Let the JVM of a `rehearse`d broker write the archive at its end; False when it is there."""
    archive = archive_file(places)
    if archive.exists():
        return False
    partial = archive.with_name(f"{archive.name}.partial")
    partial.unlink(missing_ok=True)
    await rehearse(f"-XX:ArchiveClassesAtExit={partial}")
    partial.rename(archive)
    return True
