"""Every command and every service starts through the command line: it loads nothing heavy itself."""

import subprocess
import sys

LOADED = "import sys, deploy.cli.main; print(*sorted({n.split('.')[0] for n in sys.modules}))"
HEAVY = {"numpy", "scipy", "sklearn", "onnxruntime", "marisa_trie", "faststream", "motor", "httpx"}


def test_the_command_line_loads_no_library_of_the_services() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED], check=True, capture_output=True, text=True
    )
    assert "typer" in loaded.stdout.split()
    assert HEAVY & set(loaded.stdout.split()) == set()
