"""`docker compose` as the test needs it: a project of its own, on free ports, gone at the end."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.ports import HOST, Ports
from libs.contracts.topics import SERVICES

ROOT = Path(__file__).parents[2]
UP_SECONDS = 300
PORTS = ("GATEWAY", "CONSOLE", "STATISTICS", "STRIP", "FJELLBEKK", "HAVSRO")
FIX = (
    "install Docker Engine (Debian: apt-get install docker.io) and its Compose plugin, version 2 or "
    "newer, and start dockerd. Without a registry of images see deploy/images/README.md."
)


class Failed(Exception):
    """Something in the stack is not as it should be."""


def why_no_engine() -> str | None:
    """Why no container can be started here, or None."""
    if shutil.which("docker") is None:
        return "there is no docker command here"
    if _answer(["docker", "compose", "version"]) is None:
        return "docker has no compose plugin"
    if _answer(["docker", "info"]) is None:
        return "no container engine answers"
    return None


@dataclass
class Stack:
    """One run of docker-compose.yml with the demo's shops."""

    project: str = f"prat-test-{os.getpid()}"
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        free = Ports()
        self.ports = {name: free.any() for name in PORTS}

    @property
    def environment(self) -> dict[str, str]:
        """Image names come from outside; ports and the image's name are ours."""
        ports = {f"PRAT_{name}_PORT": str(port) for name, port in self.ports.items()}
        return {**os.environ, "PRAT_IMAGE": "prat:compose-test", **ports}

    def url(self, name: str) -> str:
        """The address of something published on this machine."""
        return f"http://{HOST}:{self.ports[name]}"

    def build(self) -> None:
        """Build the services' image."""
        self._run("build", "--quiet")

    def up(self) -> None:
        """Start everything and return when each health check says yes."""
        self._run("up", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS))

    def stop(self) -> None:
        """Stop everything in order; Failed unless each service went by itself."""
        self._run("stop")
        left = {one["Service"]: one["ExitCode"] for one in self.containers()}
        if wrong := {name: left.get(name) for name in SERVICES if left.get(name) != 0}:
            raise Failed(f"did not stop by themselves, exit codes: {wrong}")

    def down(self) -> None:
        """Leave nothing behind but images."""
        self._run("down", "--volumes", "--remove-orphans")

    def logs(self) -> None:
        """Show the end of every log, if there are any."""
        self._call("logs", "--no-color", "--tail", "30")

    def containers(self) -> list[dict[str, Any]]:
        """Every container, running or not."""
        lines = self._output("ps", "--all", "--format", "json").splitlines()
        return [json.loads(line) for line in lines]

    def image_megabytes(self) -> int:
        """The size of the services' image."""
        image = self.environment["PRAT_IMAGE"]
        size = _answer(["docker", "image", "inspect", "--format", "{{.Size}}", image])
        return int(size or 0) // 10**6

    def holds(self, service: str, condition: str) -> bool:
        """Whether a shell's condition is true inside a service's container."""
        return self._call("exec", "-T", service, "sh", "-c", condition) == 0

    def _run(self, *arguments: str) -> None:
        if (code := self._call(*arguments)) != 0:
            raise Failed(f"`docker compose {' '.join(arguments)}` ended with exit code {code}")

    def _call(self, *arguments: str) -> int:
        # Our standard output is the report; the engine's talk goes beside it.
        line = self._line(*arguments)
        done = subprocess.run(line, env=self.environment, stdout=sys.stderr, check=False)
        return done.returncode

    def _output(self, *arguments: str) -> str:
        answer = _answer(self._line(*arguments), self.environment)
        if answer is None:
            raise Failed(f"`docker compose {' '.join(arguments)}` failed")
        return answer

    def _line(self, *arguments: str) -> list[str]:
        file = str(ROOT / "docker-compose.yml")
        return [
            "docker",
            "compose",
            "-f",
            file,
            "-p",
            self.project,
            "--profile",
            "demo",
            *arguments,
        ]


def _answer(command: list[str], environment: dict[str, str] | None = None) -> str | None:
    """The output of a command, or None when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
