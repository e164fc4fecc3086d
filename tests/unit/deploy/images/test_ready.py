"""The containers' health check: yes for 200 only."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.local.ports import Ports

SCRIPT = Path(__file__).parents[4] / "deploy" / "images" / "ready.py"


class Answers(BaseHTTPRequestHandler):
    """Ready, but for /readyz of a service that is not."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stays quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    """Where the server answers."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def exit_code(*arguments: str) -> int:
    """As the container's engine runs it: without our environment or packages."""
    return subprocess.run([sys.executable, "-IS", str(SCRIPT), *arguments], check=False).returncode


def test_ready_is_200_and_nothing_else(port: int) -> None:
    assert exit_code(str(port), "/healthz") == 0
    assert exit_code(str(port)) == 1


def test_nobody_there_is_not_ready() -> None:
    assert exit_code(str(Ports().any())) == 1
