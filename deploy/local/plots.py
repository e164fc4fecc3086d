"""uPlot, which draws the lines of the statistics page: fetched once from Maven Central."""

from pathlib import Path

from deploy.local import maven
from deploy.local.once import build_once, is_complete
from deploy.local.places import ROOT, Places

POM = ROOT / "deploy" / "plots" / "pom.xml"
FOLDER = "PRAT_ANALYTICS_PLOTS_FOLDER"


def plots_version() -> str:
    """The version that the pom names: the only place where it is written."""
    return maven.version(POM, "uplot.version")


def plots_folder(places: Places) -> Path:
    """Where its files are, or will be."""
    return places.cache / f"plots-{plots_version()}"


def have_plots(places: Places) -> bool:
    """Whether they are there, completely and for today's pom."""
    return is_complete(plots_folder(places), POM.read_text())


async def fetch_plots(places: Places) -> bool:
    """Fetches the files unless they are there; returns whether it did. Needs Maven and a network."""
    folder = plots_folder(places)
    goal = ("dependency:unpack-dependencies",)
    return await build_once(
        folder, POM.read_text(), lambda: maven.fetch(POM, goal, folder, places.logs)
    )


def plots_env(places: Places) -> dict[str, str]:
    """What tells analytics where the files are."""
    return {FOLDER: str(plots_folder(places))}
