"""Java and the jars of Apache Kafka: found, or fetched once from Maven Central."""

import re
import shutil
import subprocess
from pathlib import Path

from deploy.local import maven
from deploy.local.once import build_once, is_complete
from deploy.local.places import ROOT, Places

POM = ROOT / "deploy" / "kafka" / "pom.xml"
LOG4J = ROOT / "deploy" / "kafka" / "log4j2.xml"
OLDEST_JAVA = 17


def kafka_version() -> str:
    """The version that the pom names: the only place where it is written."""
    return maven.version(POM, "kafka.version")


def java_version() -> int | None:
    """The major version of the `java` on the path, or `None` without one."""
    java = shutil.which("java")
    if java is None:
        return None
    # `-version` writes to standard error, e.g. `openjdk version "17.0.15" 2025-04-15`.
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else None


def jars_folder(places: Places) -> Path:
    """Where the jars of our version are, or will be."""
    return places.cache / f"kafka-jars-{kafka_version()}"


def have_jars(places: Places) -> bool:
    """Whether the jars are there, completely and for today's pom."""
    return is_complete(jars_folder(places), POM.read_text())


def why_no_kafka(places: Places) -> str | None:
    """Why Apache Kafka cannot run here, or `None` when it can."""
    version = java_version()
    if version is None:
        return "no java on the path"
    if version < OLDEST_JAVA:
        return f"java is {version}, Kafka needs {OLDEST_JAVA}"
    if not have_jars(places) and not maven.is_here():
        return "no Kafka jars yet, and no mvn to fetch them"
    return None


async def fetch_jars(places: Places) -> bool:
    """Fetch the jars unless they are there; returns whether it did. Needs Maven and a network."""
    return await build_once(jars_folder(places), POM.read_text(), lambda: _download(places))


async def _download(places: Places) -> None:
    goal = ("dependency:copy-dependencies", "-DincludeScope=runtime")
    await maven.fetch(POM, goal, jars_folder(places), places.logs)


def class_path(places: Places) -> str:
    """The class path, in a fixed order: a class-data archive is bound to it."""
    return ":".join(str(jar) for jar in sorted(jars_folder(places).glob("*.jar")))
