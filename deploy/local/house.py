"""The house: broker, store and the five services, started in order and watched together."""

import asyncio
import fcntl
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.encoder.places import encoder_env
from deploy.kafka.topics import create_topics, wanted_topics
from deploy.local.errors import LocalFault
from deploy.local.layout import DEMO_AGENTS, DEMO_EDITORS, MERCHANTS, Layout
from deploy.local.member import Member, service_command
from deploy.local.places import Places
from deploy.local.plots import plots_env
from deploy.local.ports import Ports
from deploy.local.progress import Done, Say, silent
from deploy.local.secrets import agent_passwords, create_secrets, editor_passwords
from deploy.local.stack import Broker, Part, Stack, Store
from deploy.local.watch import keep_alive
from libs.contracts.topics import SERVICES

Step = tuple[str, Callable[[], Awaitable[str]]]
"""The title of a step, and what it does; it returns a few words on the outcome."""


@dataclass(frozen=True)
class Options:
    """How a house behaves; tests choose free ports and no restarts."""

    restart_dead: bool = True
    fixed_ports: bool = True
    log_level: str = "INFO"
    ready_path: str = "/readyz"
    command: Callable[[str], list[str]] = service_command


class House:
    """Broker, store and services on this machine, as one thing to start and stop.

    Start it from the main thread (see deploy/local/processes.py). `services` holds a Member each,
    which tests may `kill()`, `stop()` and `restart()`; so do `kafka` and `store`.
    """

    def __init__(
        self,
        places: Places,
        options: Options | None = None,
        *,
        on_step: Callable[[Done], None] = silent,
        say: Say = silent,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.places = places
        self.options = options or Options()
        ports = Ports()
        self.layout = Layout(ports, fixed=self.options.fixed_ports)
        self.stack = Stack(places, ports, environ)
        self.services = {name: self._service(name) for name in SERVICES}
        self.extras = self.make_extras()
        self.passwords: dict[str, str] = {}
        self.editors: dict[str, str] = {}
        self._on_step = on_step
        self._say = say
        self._lock: int | None = None
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def kafka(self) -> Broker:
        """The broker."""
        return self.stack.broker

    @property
    def store(self) -> Store:
        """The store."""
        return self.stack.store

    @property
    def env(self) -> dict[str, str]:
        """What every process of the house is told."""
        # One process per service here: a restarted one takes its place on the bus at once.
        logs = {
            "PRAT_LOG_LEVEL": self.options.log_level,
            "PRAT_LOG_FORMAT": "json",
            "PRAT_INSTANCE": "1",
        }
        return {
            **logs, **encoder_env(self.places.cache), **plots_env(self.places),
            **self.layout.env(self.places.secrets), **self.stack.env,
        }  # fmt: skip

    @property
    def members(self) -> dict[str, Member]:
        """Every process of ours besides broker and store."""
        return {**self.services, **self.extras}

    @property
    def parts(self) -> dict[str, Part]:
        """Everything that has a process, by name."""
        return {"kafka": self.kafka, "store": self.store, **self.members}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of what runs."""
        running = {name: part.child for name, part in self.parts.items()}
        return {name: child.pid for name, child in running.items() if child}

    def make_extras(self) -> dict[str, Member]:
        """The processes that a kind of house has besides the services."""
        return {}

    def log(self, name: str) -> Path:
        """Where a member writes its log."""
        return self.places.logs / f"{name}.log"

    def steps(self) -> list[Step]:
        """What a start does, in order."""
        return [
            ("broker, store", self._start_stack),
            ("topics", self._create_topics),
            ("secrets", self._create_secrets),
            ("services", self.start_members),
        ]

    async def start(self) -> None:
        """Start everything; whatever fails, nothing stays behind."""
        self.places.create()
        self._take_lock()
        try:
            steps = self.steps()
            for number, (title, run) in enumerate(steps, 1):
                began = time.monotonic()
                detail = await run()
                self._on_step(Done(number, len(steps), title, detail, time.monotonic() - began))
        except BaseException:
            # Also on cancellation (Ctrl-C while starting): end what already runs, then pass it on.
            await self.stop()
            raise
        if self.options.restart_dead:
            self._watchers = [self._watcher(name) for name in self.pids]

    async def stop(self) -> None:
        """Stop the services together, then broker and store."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await asyncio.gather(*(member.stop() for member in self.members.values()))
        await self.stack.stop()
        self._release_lock()

    async def restart(self, name: str) -> float:
        """Stop one part in order and start it again; returns the seconds."""
        return await self.parts[name].restart()

    def kill(self) -> None:
        """End everything at once, without order."""
        for part in self.parts.values():
            if part.child is not None:
                part.kill()

    async def watch(self) -> None:
        """Run until a part cannot be kept alive; raises its Restless."""
        if not self._watchers:
            await asyncio.Event().wait()
        await asyncio.gather(*self._watchers)

    def _service(self, name: str) -> Member:
        ready_url = self.layout.internal_url(name) + self.options.ready_path
        return Member(name, self.options.command(name), {}, self.log(name), ready_url)

    def _watcher(self, name: str) -> asyncio.Task[None]:
        return asyncio.create_task(keep_alive(name, self.parts[name], self._say))

    async def _start_stack(self) -> str:
        await self.stack.start()
        return "ready"

    async def _create_topics(self) -> str:
        created = await create_topics(self.kafka.bootstrap)
        return f"{len(wanted_topics())} as in the contracts, {len(created)} new"

    async def _create_secrets(self) -> str:
        new = create_secrets(self.places.secrets, MERCHANTS)
        self.passwords = agent_passwords(self.places.secrets, DEMO_AGENTS)
        self.editors = editor_passwords(self.places.secrets, DEMO_EDITORS)
        return f"{len(new)} made" if new else "kept"

    async def start_members(self) -> str:
        """Start every member at once; the first that fails ends the wait for the others."""
        for name, member in self.services.items():
            member.env = self.env | self.store.env_of(name)
        for member in self.extras.values():
            member.env = {name: value for name, value in self.env.items() if name != "MONGO_URL"}
        starts = [asyncio.create_task(member.start()) for member in self.members.values()]
        try:
            await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
        return " ".join(self.members)

    def _take_lock(self) -> None:
        """Two houses on one data directory would damage it."""
        path = self.places.root / "house.lock"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            cause = f"Another Prat already runs in {self.places.root}"
            raise LocalFault(cause, "Stop it, or choose another --data-dir.") from None
        self._lock = handle

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
