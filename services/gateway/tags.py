"""The tag that a shop puts into its pages, and the options that it may have."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from services.gateway.files import LOADER, WIDGET, widget_files

SCRIPT_PATH = re.compile(r"^(.*/widget/v1/)(\w+/)?loader\.js$")
RULE = re.compile(r"^    (\w+): /(.+)/([iu]*),$", re.MULTILINE)


def option_rules(loader: Path = WIDGET / LOADER) -> dict[str, re.Pattern[str]]:
    """Each option's shape, by the name of its attribute: as the loader itself has it."""
    source = loader.read_text()
    table = source[source.index("const RULES = {") :].partition("};")[0]
    return {
        attribute(name): re.compile(shape, re.IGNORECASE if "i" in flags else 0)
        for name, shape, flags in RULE.findall(table)
    }


def attribute(name: str) -> str:
    """The attribute of an option: `zIndex` is `data-z-index`."""
    return "data-" + re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)


def tag(gateway: str, options: Mapping[str, str], *, pinned: bool = False) -> str:
    """The tag; pinned it has the loader's own address and hash, and loads that one or none."""
    file = widget_files()[LOADER]
    base = f"{gateway.rstrip('/')}/widget/v1/"
    src = f"{base}{file.version}/{LOADER}" if pinned else f"{base}{LOADER}"
    lock = {"integrity": file.integrity, "crossorigin": "anonymous"} if pinned else {}
    given = {"src": src, **lock, **options}
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
    return f"<script {attributes} async></script>"
