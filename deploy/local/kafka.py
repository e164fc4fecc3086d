"""Apache Kafka as a child process: one durable KRaft node on the loopback address."""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local import kafka_jars
from deploy.local.kafka_archive import archive_options, make_archive
from deploy.local.part import LocalPart
from deploy.local.places import Places
from deploy.local.ports import HOST, Ports
from deploy.local.processes import Child, run_to_end, wait_ready

READY_SECONDS = 60.0
HEAP = ("-Xms256m", "-Xmx512m")
# The C1 compiler alone: a broker of one machine starts in 2.6 s instead of 3.4 s.
JVM = (*HEAP, "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={kafka_jars.LOG4J}")
FIX = "Read the log; when the data is damaged, delete the kafka folder of the data directory."

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=BROKER://{host}:{port}
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.retention.check.interval.ms=300000
# After kill -9 the node is let in again only when its former session has timed out (default 9 s); shorter,
# and a node that is slow on a busy machine is put out.
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
# One node with about 120 partitions: the defaults reserve memory for a cluster.
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
num.network.threads=2
num.io.threads=4
"""


class LocalKafka(LocalPart):
    """One broker with its data under `places`; it keeps its port over restarts."""

    def __init__(
        self, places: Places, ports: Ports | None = None, jvm: Sequence[str] | None = None
    ) -> None:
        """Choose ports; `jvm` replaces the option that loads the class archive."""
        self._jvm = archive_options(places) if jvm is None else jvm
        chosen = ports or Ports()
        self._places = places
        self._port = chosen.any()
        self._controller_port = chosen.any()

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self._port}"

    @property
    def title(self) -> str:
        """What the first line of output says."""
        return f"Apache Kafka {kafka_jars.kafka_version()} (local process)"

    async def start(self) -> float:
        """Fetch the jars and format the storage where needed, start, and return the seconds."""
        await kafka_jars.fetch_jars(self._places)
        self._write_properties()
        await self._format()
        command = [*self._java(), "kafka.Kafka", str(self._properties)]
        self._child = Child("kafka", command, self._log)
        return await wait_ready(self._child, self._answers, READY_SECONDS, FIX)

    @property
    def _folder(self) -> Path:
        return self._places.data / "kafka"

    @property
    def _properties(self) -> Path:
        return self._places.data / "kafka.properties"

    @property
    def _log(self) -> Path:
        return self._places.logs / "kafka.log"

    def _java(self) -> list[str]:
        return ["java", *JVM, *self._jvm, "-cp", kafka_jars.class_path(self._places)]

    def _write_properties(self) -> None:
        self._places.create()
        text = PROPERTIES.format(
            host=HOST, port=self._port, controller_port=self._controller_port, folder=self._folder
        )
        self._properties.write_text(text)

    async def _format(self) -> None:
        if (self._folder / "meta.properties").exists():
            return
        tool = [*self._java(), "kafka.tools.StorageTool", "format"]
        arguments = ["-t", new_cluster_id(), "-c", str(self._properties)]
        log = self._places.logs / "kafka-format.log"
        await run_to_end("kafka-format", [*tool, *arguments], log, within=60.0, fix=FIX)

    async def _answers(self) -> bool:
        return await is_reachable(self.bootstrap)


async def prepare(places: Places) -> bool:
    """Fetch the jars and make the class archive; returns whether there was anything to do."""
    fetched = await kafka_jars.fetch_jars(places)

    async def rehearse(option: str) -> None:
        with TemporaryDirectory(dir=places.cache) as folder:
            broker = LocalKafka(Places(Path(folder), places.cache), jvm=[option])
            try:
                await broker.start()
            finally:
                await broker.stop()

    return await make_archive(places, rehearse) or fetched


def new_cluster_id() -> str:
    """A random id in Kafka's form: 16 bytes, base64 for URLs, and no leading dash."""
    made = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
    return new_cluster_id() if made.startswith("-") else made


async def is_reachable(bootstrap: str) -> bool:
    """Whether a broker at `bootstrap` (one or more `host:port`) describes its cluster."""
    # Asked of the socket first: the client logs an error for every refused connection.
    if not await _any_accepts(bootstrap):
        return False
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=3000)
    try:
        await admin.start()
        answer = await admin.describe_cluster()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return bool(answer["brokers"])


async def _any_accepts(bootstrap: str) -> bool:
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 2.0)
        except (OSError, TimeoutError, ValueError):
            continue
        writer.close()
        return True
    return False
