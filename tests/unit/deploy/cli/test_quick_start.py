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


def test_what_only_teaching_needs_is_not_loaded_by_the_service_that_answers() -> None:
    loaded = "import sys, services.nlu.app; print({'sklearn', 'scipy.optimize'} & {*sys.modules})"
    said = subprocess.run(
        [sys.executable, "-c", loaded], check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "set()"
