"""A member of the house: one Python process that says over HTTP when it is ready."""

import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StartFailed
from deploy.local.processes import Child, wait_ready

READY_SECONDS = 60.0
GRACE_SECONDS = 10.0
ANSWER_SECONDS = 2.0
MOST_SAID = 500
FIX = "Read the log; `prat doctor` checks this machine."


@dataclass
class Member:
    """One service, shop or tool of the house; it keeps its port over restarts."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready_url: str
    child: Child | None = None

    @property
    def title(self) -> str:
        """Its name for messages."""
        return self.name

    async def start(self) -> float:
        """Start and return the seconds until it was ready."""
        self.child = Child(self.name, self.command, self.log, self.env)
        probe = Answers(self.ready_url)
        try:
            return await wait_ready(self.child, probe, READY_SECONDS, FIX)
        except StartFailed as failure:
            cause = f"{failure.cause}\n{self.ready_url} said: {probe.said}"
            raise StartFailed(cause, failure.fix, failure.log) from None

    async def stop(self) -> None:
        """Stop in order."""
        if self.child is not None:
            await self.child.stop(GRACE_SECONDS)
            self.child = None

    async def restart(self) -> float:
        """Stop what runs, then start on the same port."""
        await self.stop()
        return await self.start()

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self.child is not None:
            self.child.kill()


class Answers:
    """A probe that is satisfied when `url` answers with 200, and remembers what was said last."""

    def __init__(self, url: str) -> None:
        self.said = "nothing yet"
        self._url = url

    async def __call__(self) -> bool:
        """Ask once."""
        # Imported here: each service process loads this module, and none of them probes.
        import httpx

        # Plain HTTP: a context that trusts nobody will do, and the usual one takes 40 ms of
        # reading certificates for each question, while the members need the cores to start.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        asking = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, verify=nobody)
        try:
            async with asking as client:
                answer = await client.get(self._url)
        except httpx.HTTPError as error:
            self.said = type(error).__name__
            return False
        self.said = f"{answer.status_code} {answer.text[:MOST_SAID]}"
        return answer.status_code == httpx.codes.OK


def service_command(name: str) -> list[str]:
    """How a service is started as a child process."""
    return [sys.executable, "-m", "deploy.cli", "service", name]


def module_command(module: str, *arguments: str) -> list[str]:
    """How another program of ours is started as a child process."""
    return [sys.executable, "-m", module, *arguments]
