"""The real broker and store on this machine: durable, restartable, and gone with their parent."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.kafka.topics import Found, create_topics, found_topics, wanted_topics
from deploy.local.errors import LocalFault
from deploy.local.house import House, Options
from deploy.local.light import light_program
from deploy.local.places import ROOT, Places
from deploy.local.stack import Stack
from libs.contracts.topics import VISITOR
from tests.running import LIGHT

pytestmark = pytest.mark.connected

CACHE = Path(os.environ.get("PRAT_CACHE_DIR", ROOT / ".prat"))
RECORDS = 200
STUB = ROOT / "tests" / "fixtures" / "stub_service.py"

SUPERVISOR = """
import asyncio, json, sys
from pathlib import Path
from deploy.local.house import House, Options
from deploy.local.places import Places
from deploy.cli.foreground import run_until_told

root, cache, stub = map(Path, sys.argv[1:4])
options = Options(fixed_ports=False, command=lambda name: [sys.executable, str(stub), name])
house = House(Places(root, cache), options, environ=json.loads(sys.argv[4]))
asyncio.run(run_until_told(house, lambda: print(json.dumps(house.pids), flush=True)))
"""


def stub_command(name: str) -> list[str]:
    """How a stub service is started."""
    return [sys.executable, str(STUB), name]


def stub_options(*, restart_dead: bool = False) -> Options:
    """A house whose services are stubs."""

    return Options(restart_dead=restart_dead, fixed_ports=False, command=stub_command)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """An empty house; jars and store environment are shared with other runs."""
    return Places(tmp_path / "house", CACHE)


@dataclass(frozen=True)
class Fresh:
    """Broker and store that began empty, and what was said of the broker's topics then."""

    stack: Stack
    found: Mapping[str, Found]
    created: Sequence[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fresh]:
    """Apache Kafka and SecantusDB with empty data, running; all topics are created."""
    places = Places(tmp_path_factory.mktemp("fresh"), CACHE)
    stack = Stack(places, environ={"PRAT_BROKER": "kafka"})
    await stack.start()
    found = await found_topics(stack.broker.bootstrap)
    yield Fresh(stack, found, await create_topics(stack.broker.bootstrap))
    await stack.stop()


@pytest.fixture
def stack(fresh: Fresh) -> Stack:
    """The same for all tests: each counts from what it finds."""
    return fresh.stack


async def produce(bootstrap: str, first: int, count: int, *, idempotent: bool = True) -> None:
    """Append numbered records, acknowledged by the broker."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=idempotent
    )
    await producer.start()
    try:
        sent = [
            await producer.send(
                VISITOR.name, str(n).encode(), key=f"conversation-{n % 20}".encode()
            )
            for n in range(first, first + count)
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def consume(bootstrap: str, group: str | None, count: int) -> list[int]:
    """Read `count` records from the beginning or from where the group stands; then commit."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.subscribe([VISITOR.name])
        async with asyncio.timeout(30):
            read = [int((await consumer.getone()).value) for _ in range(count)]
        await consumer.commit()
        return sorted(read)
    finally:
        await consumer.stop()


async def end_offsets(bootstrap: str) -> int:
    """How many records the topic has."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        partitions = [TopicPartition(VISITOR.name, n) for n in range(VISITOR.partitions)]
        return sum((await consumer.end_offsets(partitions)).values())
    finally:
        await consumer.stop()


async def test_topics_are_created_once_and_checked(fresh: Fresh) -> None:
    bootstrap = fresh.stack.broker.bootstrap
    assert fresh.found == {}
    assert fresh.created == [wanted.name for wanted in wanted_topics()]
    assert await create_topics(bootstrap) == []
    found = await found_topics(bootstrap)
    assert found[VISITOR.name].partitions == VISITOR.partitions
    assert all(topic.ready for topic in found.values())


async def test_acknowledged_records_and_documents_survive_kill_9(stack: Stack) -> None:
    bootstrap, url = stack.broker.bootstrap, stack.store.url
    before = await end_offsets(bootstrap)
    await produce(bootstrap, 0, RECORDS)
    assert (await consume(bootstrap, "readers", before + RECORDS))[-RECORDS:] == [*range(RECORDS)]
    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(url)
    await client.prat.notes.insert_many([{"_id": n} for n in range(RECORDS)])

    stack.broker.kill()
    stack.store.kill()
    await stack.start()

    assert (stack.broker.bootstrap, stack.store.url) == (bootstrap, url)
    assert await end_offsets(bootstrap) == before + RECORDS
    assert await client.prat.notes.count_documents({}) == RECORDS
    client.close()
    await produce(bootstrap, RECORDS, 50)
    # The group continues where it stood: only the new records arrive.
    assert await consume(bootstrap, "readers", 50) == list(range(RECORDS, RECORDS + 50))


async def test_an_orderly_restart_keeps_everything(stack: Stack) -> None:
    before = await end_offsets(stack.broker.bootstrap)
    await produce(stack.broker.bootstrap, 0, 20)
    await asyncio.gather(stack.broker.restart(), stack.store.restart())
    assert await end_offsets(stack.broker.bootstrap) == before + 20


async def test_an_aborted_transaction_leaves_nothing(stack: Stack) -> None:
    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(stack.store.url)
    async with await client.start_session() as session:
        session.start_transaction()
        await client.prat.aborted.insert_one({"_id": 1}, session=session)
        await session.abort_transaction()
    assert await client.prat.aborted.count_documents({}) == 0
    client.close()


async def test_a_dead_service_is_started_again(places: Places) -> None:
    said: list[str] = []
    house = House(places, stub_options(restart_dead=True), say=said.append, environ=LIGHT)
    await house.start()
    try:
        before = house.pids["nlu"]
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(20):
            while not any("nlu is back" in line for line in said):
                await asyncio.sleep(0.05)
        assert house.pids["nlu"] != before
        assert set(house.pids) == {"kafka", "store", *house.services}
        with pytest.raises(LocalFault, match="Another Prat already runs"):
            await House(places, stub_options(), environ=LIGHT).start()
    finally:
        await house.stop()
    assert house.pids == {}


async def test_what_fails_at_start_leaves_nothing(places: Places) -> None:
    options = Options(fixed_ports=False, command=lambda _name: [sys.executable, "-c", "exit(9)"])
    house = House(places, options, environ=LIGHT)
    with pytest.raises(LocalFault, match="ended with exit code 9"):
        await house.start()
    assert house.pids == {}


@pytest.fixture
def supervisor(places: Places, environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A whole house in a process of its own."""
    arguments = [str(places.root), str(places.cache), str(STUB), json.dumps(environ)]
    command = [sys.executable, "-c", SUPERVISOR, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("signum", "environ"),
    [(signal.SIGKILL, {}), (signal.SIGTERM, {}), (signal.SIGINT, LIGHT)],
    ids=["kill", "term", "int"],
)
async def test_the_house_ends_with_its_supervisor(
    supervisor: "subprocess.Popen[bytes]", signum: signal.Signals
) -> None:
    assert supervisor.stdout is not None
    line = await asyncio.to_thread(supervisor.stdout.readline)
    pids = json.loads(line)
    assert len(pids) == 7
    supervisor.send_signal(signum)
    code = await asyncio.to_thread(supervisor.wait, 30)
    assert code == (-signal.SIGKILL if signum is signal.SIGKILL else 0)
    async with asyncio.timeout(10):
        while any(Path(f"/proc/{pid}").exists() for pid in pids.values()):
            await asyncio.sleep(0.05)


@pytest.mark.skipif(light_program() is None, reason="the `light` extra is not installed")
async def test_the_light_broker_carries_records_and_forgets_them(places: Places) -> None:
    stack = Stack(places, environ={"PRAT_BROKER": "light", "MONGO_URL": "mongodb://127.0.0.1:1"})
    assert stack.env["PRAT_KAFKA_IDEMPOTENCE"] == "false"
    bootstrap = stack.broker.bootstrap
    await stack.broker.start()
    try:
        await produce(bootstrap, 0, 20, idempotent=False)
        assert await consume(bootstrap, "readers", 20) == list(range(20))
        await stack.broker.restart()
        assert await end_offsets(bootstrap) == 0
    finally:
        await stack.broker.stop()
