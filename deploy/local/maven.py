"""What comes from Maven Central: each as its pom says, fetched once."""

import re
import shutil
from functools import cache
from pathlib import Path

from deploy.local.errors import MissingTool
from deploy.local.processes import run_to_end


def is_here() -> bool:
    """Whether Maven is on the path."""
    return shutil.which("mvn") is not None


@cache
def version(pom: Path, name: str) -> str:
    """The version that the pom gives under this property; raises MissingTool where it names none."""
    found = re.search(rf"<{re.escape(name)}>([^<]+)<", pom.read_text())
    if found is None:
        raise MissingTool(f"{pom} names no {name}", "Restore the file from the repository.")
    return found[1]


async def fetch(pom: Path, goal: tuple[str, ...], target: Path, logs: Path) -> None:
    """Runs a goal that fills a folder, which becomes `target` when all of it is there."""
    tool = shutil.which("mvn")
    if tool is None:
        raise MissingTool("Maven is needed to fetch what the house uses", "apt-get install maven")
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    await run_to_end(
        "mvn",
        [tool, "-q", "-B", "-f", str(pom), *goal, f"-DoutputDirectory={partial}"],
        logs / "mvn.log",
        fix="Check that this machine reaches Maven Central (or its mirror in settings.xml).",
    )
    partial.rename(target)
