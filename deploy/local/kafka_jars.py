"""Java and the jars of Apache Kafka: found, or fetched once from Maven Central."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from deploy.local.errors import MissingTool
from deploy.local.once import build_once, is_complete
from deploy.local.places import ROOT, Places
from deploy.local.processes import run_to_end

POM = ROOT / "deploy" / "kafka" / "pom.xml"
LOG4J = ROOT / "deploy" / "kafka" / "log4j2.xml"
OLDEST_JAVA = 17


@cache
def kafka_version() -> str:
    """The version that the pom names: the only place where it is written."""
    found = re.search(r"<kafka\.version>([^<]+)<", POM.read_text())
    if found is None:
        raise MissingTool(f"{POM} names no kafka.version", "Restore the file from the repository.")
    return found[1]


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
    if not have_jars(places) and shutil.which("mvn") is None:
        return "no Kafka jars yet, and no mvn to fetch them"
    return None


async def fetch_jars(places: Places) -> bool:
    """Fetch the jars unless they are there; returns whether it did. Needs Maven and a network."""
    return await build_once(jars_folder(places), POM.read_text(), lambda: _download(places))


async def _download(places: Places) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingTool("Maven is needed to fetch Kafka's jars", "apt-get install maven")
    target = jars_folder(places)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    await run_to_end(
        "mvn",
        [*command, f"-DoutputDirectory={partial}", "-DincludeScope=runtime"],
        places.logs / "mvn.log",
        fix="Check that this machine reaches Maven Central (or its mirror in settings.xml).",
    )
    partial.rename(target)


def class_path(places: Places) -> str:
    """The class path, in a fixed order: a class-data archive is bound to it."""
    return ":".join(str(jar) for jar in sorted(jars_folder(places).glob("*.jar")))
