"""`prat init`: makes the secrets and fetches what the local broker and store need."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.cli.output import DataDir, faults_reported, screen, step_line
from deploy.local import kafka, kafka_jars, store_env
from deploy.local.layout import DEMO_AGENTS, MERCHANTS
from deploy.local.places import Places
from deploy.local.progress import Done
from deploy.local.secrets import agent_passwords, create_secrets

Task = tuple[str, Callable[[Places], Awaitable[str]]]


def init(data_dir: DataDir = None) -> None:
    """Prepare this machine: secrets, Kafka's jars, the store's environment. Safe to repeat."""
    places = Places.at(data_dir)
    with faults_reported():
        asyncio.run(_prepare(places))


async def _prepare(places: Places) -> None:
    places.create()
    tasks: list[Task] = [("secrets", _secrets), ("broker", _broker), ("store", _store)]
    for number, (title, task) in enumerate(tasks, 1):
        began = time.monotonic()
        detail = await task(places)
        done = Done(number, len(tasks), title, detail, time.monotonic() - began)
        screen().print(step_line(done))


async def _secrets(places: Places) -> str:
    new = create_secrets(places.secrets, MERCHANTS)
    agent_passwords(places.secrets, DEMO_AGENTS)
    return f"{len(new)} made in {places.secrets}" if new else f"kept in {places.secrets}"


async def _broker(places: Places) -> str:
    if reason := kafka_jars.why_no_kafka(places):
        return f"not fetched: {reason}"
    fetched = await kafka.prepare(places)
    return f"Apache Kafka {kafka_jars.kafka_version()} {'fetched' if fetched else 'is here'}"


async def _store(places: Places) -> str:
    built = await store_env.build_environment(places)
    return f"SecantusDB {store_env.store_version()} {'installed' if built else 'is here'}"
