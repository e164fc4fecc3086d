"""`prat init`: makes the secrets, fetches what broker, store and plots need, builds the encoder."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.cli.output import DataDir, counted, faults_reported, screen, step_line
from deploy.encoder.places import NAME, encoder_folder, have_encoder, learned_folder
from deploy.encoder.reading import read_examples
from deploy.local import kafka, kafka_jars, maven, plots, store_env
from deploy.local.layout import DEMO_AGENTS, DEMO_EDITORS, MERCHANTS
from deploy.local.places import Places
from deploy.local.progress import Done
from deploy.local.secrets import agent_passwords, create_secrets, editor_passwords

Task = tuple[str, Callable[[Places], Awaitable[str]]]


def init(data_dir: DataDir = None) -> None:
    """Prepare this machine: secrets, Kafka's jars, the store, plots, the encoder. Safe to repeat."""
    places = Places.at(data_dir)
    with faults_reported():
        asyncio.run(_prepare(places))


async def _prepare(places: Places) -> None:
    places.create()
    tasks: list[Task] = [
        ("secrets", _secrets), ("broker", _broker), ("store", _store), ("plots", _plots),
        ("encoder", _encoder), ("examples", _examples),
    ]  # fmt: skip
    for number, (title, task) in enumerate(tasks, 1):
        began = time.monotonic()
        detail = await task(places)
        done = Done(number, len(tasks), title, detail, time.monotonic() - began)
        screen().print(step_line(done))


async def _secrets(places: Places) -> str:
    new = create_secrets(places.secrets, MERCHANTS)
    agent_passwords(places.secrets, DEMO_AGENTS)
    editor_passwords(places.secrets, DEMO_EDITORS)
    return f"{len(new)} made in {places.secrets}" if new else f"kept in {places.secrets}"


async def _broker(places: Places) -> str:
    if reason := kafka_jars.why_no_kafka(places):
        return f"not fetched: {reason}"
    fetched = await kafka.prepare(places)
    return f"Apache Kafka {kafka_jars.kafka_version()} {'fetched' if fetched else 'is here'}"


async def _store(places: Places) -> str:
    built = await store_env.build_environment(places)
    return f"SecantusDB {store_env.store_version()} {'installed' if built else 'is here'}"


async def _plots(places: Places) -> str:
    name = f"uPlot {plots.plots_version()}"
    if not plots.have_plots(places) and not maven.is_here():
        return f"{name} not fetched, the statistics show tables for lines: no mvn on the path"
    return f"{name} {'fetched' if await plots.fetch_plots(places) else 'is here'}"


async def _encoder(places: Places) -> str:
    folder = encoder_folder(places.cache)
    if have_encoder(folder):
        return f"{NAME} is here"
    # Imported here: every command and every service starts through this package, and the
    # encoder's libraries take seconds to load.
    from deploy.encoder.build import build_encoder, why_no_encoder

    if reason := why_no_encoder():
        return f"not built, the bot goes by letters and words alone: {reason}"
    await build_encoder(folder)
    return f"{NAME} built"


async def _examples(places: Places) -> str:
    folder = encoder_folder(places.cache)
    if not have_encoder(folder):
        return "not read: there is no encoder"
    with counted() as progress:
        count = await asyncio.to_thread(
            read_examples, folder, learned_folder(places.cache), progress
        )
    return f"{count} examples and test lines of the demo shops' bots are read"
