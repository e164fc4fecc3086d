"""What `prat doctor` looks at; every check that fails names its fix."""

import shutil
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import faketime, kafka, kafka_jars, maven, plots, store, store_env
from deploy.local.layout import MERCHANTS, PREFERRED
from deploy.local.light import light_program
from deploy.local.places import Places
from deploy.local.ports import is_free
from deploy.local.secrets import secret_names
from deploy.local.stack import without_password

OLDEST_PYTHON = (3, 11)
ENOUGH_DISK = 1024**3
BROWSERS = ("chromium-headless-shell", "chromium")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: `good`, or a `fix`; only what is `needed` fails the whole."""

    name: str
    good: bool
    detail: str
    fix: str = ""
    needed: bool = True


async def examine(places: Places, environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything."""
    quick: list[Callable[[Places], Finding]] = [
        _python, _java, _jars, _store_packages, _plots, _disk, _ports, _secrets, _browser,
        _faketime,
    ]  # fmt: skip
    broker = await _broker(environ.get("KAFKA_BOOTSTRAP"))
    return [*(check(places) for check in quick), broker, await _store(environ.get("MONGO_URL"))]


def _python(_places: Places) -> Finding:
    good = sys.version_info >= OLDEST_PYTHON
    return Finding("python", good, sys.version.split()[0], "Install Python 3.11 or newer.")


def _java(_places: Places) -> Finding:
    version = kafka_jars.java_version()
    good = version is not None and version >= kafka_jars.OLDEST_JAVA
    detail = f"Java {version}" if version else "no java on the path"
    fix = "apt-get install openjdk-17-jre-headless; or, for a try: uv sync --extra light"
    return Finding("java", good, detail, fix, needed=light_program() is None)


def _jars(places: Places) -> Finding:
    if kafka_jars.have_jars(places):
        return Finding("kafka jars", True, f"Apache Kafka {kafka_jars.kafka_version()}")
    return _to_be_fetched("kafka jars", needed=light_program() is None)


def _plots(places: Places) -> Finding:
    if plots.have_plots(places):
        return Finding("plots", True, f"uPlot {plots.plots_version()}")
    return _to_be_fetched("plots", needed=False)


def _to_be_fetched(name: str, *, needed: bool) -> Finding:
    detail = "not fetched yet; Maven will" if maven.is_here() else "no Maven to fetch them"
    return Finding(
        name, maven.is_here(), detail, "apt-get install maven, then `prat init`", needed=needed
    )


def _store_packages(places: Places) -> Finding:
    there = store_env.have_store(places)
    detail = "installed" if there else "not installed yet; the first start does"
    return Finding("store", True, f"SecantusDB {store_env.store_version()}, {detail}")


def _disk(places: Places) -> Finding:
    existing = next(folder for folder in (places.root, *places.root.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    fix = "Free some space, or choose another --data-dir."
    return Finding("disk", free >= ENOUGH_DISK, f"{free / 1024**3:.1f} GiB free", fix)


def _ports(_places: Places) -> Finding:
    taken = [port for port in PREFERRED.values() if not is_free(port)]
    detail = f"taken: {', '.join(map(str, taken))}" if taken else "all free"
    fix = "Nothing to do: the next free port is used and printed."
    return Finding("ports", not taken, detail, fix, needed=False)


def _secrets(places: Places) -> Finding:
    if not places.secrets.exists():
        fix = "Nothing to do: `prat init` and `prat demo` make them."
        return Finding("secrets", False, "not made yet", fix, needed=False)
    missing = [n for n in secret_names(MERCHANTS) if not (places.secrets / n).exists()]
    if missing:
        return Finding("secrets", False, f"missing: {', '.join(missing)}", "prat init")
    if open_to_others := [p.name for p in places.secrets.iterdir() if _is_open(p)]:
        fix = f"chmod 600 {places.secrets}/*"
        return Finding("secrets", False, f"readable by others: {', '.join(open_to_others)}", fix)
    return Finding("secrets", True, str(places.secrets))


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _browser(_places: Places) -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    fix = "Only the browser tests need it: apt-get install chromium-headless-shell"
    return Finding("chromium", found is not None, found or "not found", fix, needed=False)


def _faketime(_places: Places) -> Finding:
    found = faketime.library()
    fix = f"Only the journey in time of `make prove-erasure` needs it: {faketime.FIX}"
    return Finding("libfaketime", found is not None, str(found or "not found"), fix, needed=False)


async def _broker(address: str | None) -> Finding:
    if address is None:
        return Finding("broker", True, "KAFKA_BOOTSTRAP is not set: a local one is started")
    good = await kafka.is_reachable(address)
    fix = "Start the broker, or unset KAFKA_BOOTSTRAP to run one here."
    return Finding("broker", good, f"{address} {'answers' if good else 'does not answer'}", fix)


async def _store(url: str | None) -> Finding:
    if url is None:
        return Finding("store server", True, "MONGO_URL is not set: a local one is started")
    good = await store.is_reachable(url)
    fix = "Start the store, or unset MONGO_URL to run one here."
    said = f"{without_password(url)} {'answers' if good else 'does not answer'}"
    return Finding("store server", good, said, fix)


def all_good(findings: list[Finding]) -> bool:
    """Whether everything that is needed is there."""
    return all(finding.good or not finding.needed for finding in findings)
