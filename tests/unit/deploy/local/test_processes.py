"""Children: their logs, their end, and that none outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.errors import StartFailed
from deploy.local.processes import Child, Probe, run_to_end, tail_of, wait_ready

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
STUBBORN = [sys.executable, "-c", f"{IGNORE}; print('up', flush=True); time.sleep(600)"]
FORK = """
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("inner", inner.pid, flush=True)
time.sleep(600)
"""
PARENT_OF_TWO = [sys.executable, "-c", FORK]
SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from deploy.local.processes import Child

async def main():
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    for number in range(2):
        print(Child("child", command, Path(sys.argv[1]) / f"{number}.log").pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits to be reaped by somebody else."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"


async def ended_soon(pid: int) -> bool:
    """Wait for the end of a process that is not our child."""
    for _ in range(100):
        if has_ended(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def prints(child: Child, text: str) -> Probe:
    """A probe that looks for `text` in the log."""

    async def probe() -> bool:
        return text in tail_of(child.log)

    return probe


async def started(command: list[str], log: Path, text: str = "up") -> Child:
    """A child that has written `text`."""
    child = Child("child", command, log)
    await wait_ready(child, prints(child, text), 20.0, "none")
    return child


async def test_child_writes_to_its_log_and_sees_its_environment(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    command = [sys.executable, "-c", "import os; print('hello', os.environ['COLOUR'])"]
    child = Child("child", command, log, {"COLOUR": "teal"})
    assert await child.ended(20.0)
    assert child.exit_code == 0
    assert child.tail() == "hello teal"


async def test_child_leads_a_group_of_its_own(tmp_path: Path) -> None:
    child = await started(SLEEPER, tmp_path / "log")
    try:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
    finally:
        child.kill()


async def test_stop_is_polite_first(tmp_path: Path) -> None:
    child = await started(SLEEPER, tmp_path / "log")
    await child.stop(20.0)
    assert child.exit_code == -signal.SIGTERM
    assert not child.alive


async def test_stop_ends_a_child_that_ignores_it(tmp_path: Path) -> None:
    child = await started(STUBBORN, tmp_path / "log")
    await child.stop(0.2)
    assert child.exit_code == -signal.SIGKILL


async def test_kill_takes_the_grandchildren_along(tmp_path: Path) -> None:
    child = await started(PARENT_OF_TWO, tmp_path / "log", "inner")
    inner = int(child.tail().split()[1])
    child.kill()
    child.kill()
    assert has_ended(child.pid)
    assert await ended_soon(inner)


async def test_grandchildren_of_a_child_that_died_alone_end_too(tmp_path: Path) -> None:
    child = await started(PARENT_OF_TWO, tmp_path / "log", "inner")
    inner = int(child.tail().split()[1])
    os.kill(child.pid, signal.SIGKILL)
    assert await child.ended(20.0)
    assert child.exit_code == -signal.SIGKILL
    assert await ended_soon(inner)


async def test_wait_ready_says_why_a_child_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('no such disk'); sys.exit(3)"]
    child = Child("store", command, tmp_path / "store.log")
    with pytest.raises(StartFailed) as caught:
        await wait_ready(child, prints(child, "never"), 20.0, "buy a disk")
    assert "store ended with exit code 3" in caught.value.cause
    assert "no such disk" in caught.value.cause
    assert caught.value.fix == "buy a disk"
    assert caught.value.log == tmp_path / "store.log"


async def test_wait_ready_gives_up_after_its_time(tmp_path: Path) -> None:
    child = await started(SLEEPER, tmp_path / "log")
    try:
        with pytest.raises(StartFailed, match=r"was not ready after 0 s"):
            await wait_ready(child, prints(child, "never"), 0.1, "wait longer")
    finally:
        child.kill()


async def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="cannot start no-such-program"):
        await run_to_end("tool", ["no-such-program"], tmp_path / "log", fix="install it")


async def test_run_to_end_kills_what_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="did not end within"):
        await run_to_end("tool", SLEEPER, tmp_path / "log", within=0.1, fix="wait")


def test_tail_of_nothing_is_empty(tmp_path: Path) -> None:
    assert tail_of(tmp_path / "none.log") == ""


def test_tail_keeps_the_last_lines_of_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_text("\n".join(f"line {number}" for number in range(5000)))
    assert tail_of(log, 2) == "line 4998\nline 4999"


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_no_child_outlives_its_supervisor(tmp_path: Path, signum: signal.Signals) -> None:
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        assert not any(has_ended(pid) for pid in pids)
        parent.send_signal(signum)
        parent.wait(20)
    for pid in pids:
        assert await ended_soon(pid)
