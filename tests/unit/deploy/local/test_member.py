"""A member of the house: its start, its restart, and what it said when it was not ready."""

import ssl
import sys
from pathlib import Path

import pytest

from deploy.local import member
from deploy.local.errors import StartFailed
from deploy.local.member import Answers, Member, module_command, service_command
from deploy.local.ports import Ports

SERVER = r"""
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
        self.wfile.write(b'{"store": "away"}')
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def server(folder: Path, status: int) -> Member:
    port = Ports().any()
    command = [sys.executable, "-c", SERVER, str(port), str(status)]
    return Member("nlu", command, {}, folder / "nlu.log", f"http://127.0.0.1:{port}/readyz")


async def test_a_member_starts_dies_and_starts_again(tmp_path: Path) -> None:
    nlu = server(tmp_path, 200)
    try:
        assert await nlu.start() > 0
        assert nlu.child is not None
        first = nlu.child.pid
        nlu.kill()
        assert not nlu.child.alive
        await nlu.restart()
        assert nlu.child.pid != first
    finally:
        await nlu.stop()
    assert nlu.child is None


async def test_one_that_is_not_ready_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "READY_SECONDS", 2.0)
    nlu = server(tmp_path, 503)
    try:
        with pytest.raises(StartFailed, match=r'said: 503 \{"store": "away"\}') as caught:
            await nlu.start()
    finally:
        await nlu.stop()
    assert caught.value.log == tmp_path / "nlu.log"


async def test_nobody_there_is_not_ready() -> None:
    probe = Answers(f"http://127.0.0.1:{Ports().any()}/readyz")
    assert not await probe()
    assert probe.said == "ConnectError"


async def test_asking_reads_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every member is asked twenty times a second while all of them need the cores to start."""

    def read(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ssl, "create_default_context", read)
    assert not await Answers(f"http://127.0.0.1:{Ports().any()}/readyz")()


def test_children_run_our_own_python() -> None:
    assert service_command("nlu") == [sys.executable, "-m", "deploy.cli", "service", "nlu"]
    assert module_command("deploy.demo.strip", "--port", "1")[1:] == [
        "-m", "deploy.demo.strip", "--port", "1",
    ]  # fmt: skip
