"""The page's types: a sample page compiles against them, and they name what the loader has."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

WIDGET = Path("services/gateway/widget")
TSC = Path("tests/e2e/node_modules/typescript/bin/tsc")
OPTIONS = ("--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom")


def test_a_page_in_typescript_compiles_and_its_faults_are_found() -> None:
    assert TSC.exists(), "typescript is missing. Fix: make setup-test."
    ran = subprocess.run(
        ["node", str(TSC), *OPTIONS, "tests/data/widget/page.ts"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.stdout, ran.returncode) == ("", 0)


def test_types_and_loader_name_the_same_calls_and_events() -> None:
    types = (WIDGET / "prat.d.ts").read_text()
    loader = (WIDGET / "loader.js").read_text()
    events = set(re.findall(r"^  (\w+): (?:Record|\{)", types, re.MULTILINE))
    told = re.search(r"const listeners = \{(.*?)\}", loader)
    assert told
    assert events == set(re.findall(r"(\w+): \[\]", told[1]))
    interface = types[types.index("interface PratApi") : types.index("export type PratCall")]
    api = loader[loader.index("const api = {") : loader.index("function draw()")]
    calls = set(re.findall(r"^  (\w+)[(<]", interface, re.MULTILINE))
    assert calls == set(re.findall(r"^    (\w+)(?:\(|: \()", api, re.MULTILINE))
