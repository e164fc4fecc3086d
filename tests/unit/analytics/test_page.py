"""The statistics page is light, and asks for the plots' library by the names that are fetched."""

import gzip
import re

from deploy.local.plots import POM
from libs.kit.page_guard import SHARED
from services.analytics.routes import PAGE

BUDGET = 50_000
"""Bytes that a browser gets at most, packed, all languages included; the plots' library has 22,000 more."""


def test_what_the_page_asks_of_the_plots_library_is_what_is_fetched() -> None:
    asked = set(re.findall(r'"plots/([^"]+)"', (PAGE / "index.html").read_text()))
    fetched = set(re.findall(r"/dist/([\w.]+)", POM.read_text()))
    assert asked == fetched != set()


def test_the_page_is_light() -> None:
    files = [path for folder in (PAGE, SHARED) for path in folder.rglob("*.*") if path.is_file()]
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
    assert sum(sizes.values()) < BUDGET, sizes
