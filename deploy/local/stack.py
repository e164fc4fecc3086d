"""Broker and store for a house: given addresses first, then local processes."""

import asyncio
import os
import re
from collections.abc import Mapping
from typing import Protocol

from deploy.local import kafka, kafka_jars, store
from deploy.local.errors import LocalFault, MissingTool
from deploy.local.kafka import LocalKafka
from deploy.local.light import LightBroker, light_program
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.processes import Child
from deploy.local.store import LocalStore

KAFKA_FIX = "Install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven)"
LIGHT_FIX = "or the light broker (uv sync --extra light), or set KAFKA_BOOTSTRAP"


class Part(Protocol):
    """What a broker or a store of this machine can do."""

    @property
    def title(self) -> str:
        """What the first line of output says."""

    @property
    def child(self) -> Child | None:
        """The running process, if it is ours."""

    async def start(self) -> float:
        """Start and return the seconds."""

    async def stop(self) -> None:
        """Stop in order."""

    async def restart(self) -> float:
        """Stop and start with the same address."""

    def kill(self) -> None:
        """End it as kill -9 does."""


class Broker(Part, Protocol):
    """A broker and its address."""

    @property
    def bootstrap(self) -> str:
        """The address for clients."""


class Store(Part, Protocol):
    """A store and its address."""

    @property
    def url(self) -> str:
        """The address for clients."""

    def env_of(self, service: str) -> dict[str, str]:
        """What a service must know to log in as itself; nothing where the address says who it is."""


class External:
    """A broker or store that somebody else runs: we only check that it answers."""

    child: Child | None = None

    def __init__(self, kind: str, address: str, variable: str) -> None:
        self._kind = kind
        self._variable = variable
        self.bootstrap = self.url = address

    @property
    def title(self) -> str:
        """The address without a password, and where it came from."""
        return f"{without_password(self.url)} (from {self._variable})"

    def env_of(self, _service: str) -> dict[str, str]:
        """Nothing: whoever gave the address has said who logs in."""
        return {}

    async def start(self) -> float:
        """Fail early and clearly when nothing answers."""
        is_reachable = kafka.is_reachable if self._kind == "broker" else store.is_reachable
        if not await is_reachable(self.url):
            cause = f"No {self._kind} answers at {without_password(self.url)}"
            raise LocalFault(cause, f"Start it, or unset {self._variable} to run one here.")
        return 0.0

    async def stop(self) -> None:
        """Leave it running: it is not ours."""

    async def restart(self) -> float:
        """Only check again: it is not ours."""
        return await self.start()

    def kill(self) -> None:
        """Refuse: it is not ours."""
        raise LocalFault(f"The {self._kind} is not ours to end", f"Unset {self._variable}.")


class Stack:
    """The chosen broker and store; nothing runs before `start`."""

    def __init__(
        self, places: Places, ports: Ports | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        chosen = ports or Ports()
        self.broker: Broker = choose_broker(places, chosen, environ)
        self.store: Store = choose_store(places, chosen, environ)

    @property
    def sentence(self) -> str:
        """The first line of output: which broker and which store this is."""
        return f"broker: {self.broker.title} · store: {self.store.title}"

    @property
    def env(self) -> dict[str, str]:
        """What a service must know to reach broker and store."""
        # The light broker refuses the idempotent producer's first request.
        light = isinstance(self.broker, LightBroker)
        idempotence = {"PRAT_KAFKA_IDEMPOTENCE": "false"} if light else {}
        return {
            "KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "MONGO_URL": self.store.url,
            **idempotence,
        }

    async def start(self) -> None:
        """Start both at once; when one fails, neither stays."""
        results = await asyncio.gather(
            self.broker.start(), self.store.start(), return_exceptions=True
        )
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            await self.stop()
            raise failures[0]

    async def stop(self) -> None:
        """Stop both."""
        await asyncio.gather(self.broker.stop(), self.store.stop())


def choose_broker(places: Places, ports: Ports, environ: Mapping[str, str]) -> Broker:
    """The broker given in the environment, else Apache Kafka, else the light one.

    PRAT_BROKER=kafka or PRAT_BROKER=light asks for one of the local ones.
    """
    if address := environ.get("KAFKA_BOOTSTRAP"):
        return External("broker", address, "KAFKA_BOOTSTRAP")
    asked = environ.get("PRAT_BROKER", "")
    reason = kafka_jars.why_no_kafka(places) if asked != "light" else "PRAT_BROKER=light"
    if reason is None:
        return LocalKafka(places, ports)
    if asked == "kafka" or light_program() is None:
        raise MissingTool(f"Apache Kafka cannot run: {reason}", f"{KAFKA_FIX}, {LIGHT_FIX}.")
    return LightBroker(places, ports)


def choose_store(places: Places, ports: Ports, environ: Mapping[str, str]) -> Store:
    """The store given in the environment, else a local one."""
    if address := environ.get("MONGO_URL"):
        return External("store", address, "MONGO_URL")
    return LocalStore(places, ports)


def without_password(url: str) -> str:
    """The address alone: no credentials, no options."""
    return re.sub(r"//[^@/]*@", "//", url).split("?")[0].removesuffix("/")
