"""Fixtures shared by all tests: one broker and one store for the whole run, on free ports."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.demo.runner import CONTENT, EVERYBODY, DemoHouse, Options
from deploy.kafka.topics import create_topics
from deploy.local.layout import MERCHANTS
from deploy.local.places import Places
from deploy.local.secrets import create_secrets
from deploy.local.stack import Stack
from libs.kit.mongo import Client, connect
from tests.present import present
from tests.running import environment

ALL_DAY = 'opens: "00:00", closes: "00:00"'


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The folders of this run's house; jars and the store's environment come from the cache."""
    places = Places.at(tmp_path_factory.mktemp("house"))
    places.create()
    create_secrets(places.secrets, MERCHANTS)
    return places


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(places: Places) -> AsyncIterator[Stack]:
    """A real broker with all topics and a real store; stopped when the run ends."""
    stack = Stack(places)
    await stack.start()
    await create_topics(stack.broker.bootstrap)
    yield stack
    await stack.stop()


@pytest.fixture(scope="module")
def service_env(stack: Stack, places: Places) -> Mapping[str, str]:
    """The environment of a service process; nothing is set by it."""
    return {**stack.env, "PRAT_SECRETS_DIR": str(places.secrets)}


@pytest.fixture
def house_env(service_env: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The environment of a service process; set for the time of one test."""
    with environment(service_env):
        yield service_env


@pytest.fixture
async def client(house_env: Mapping[str, str]) -> AsyncIterator[Client]:
    """A client of the real store."""
    client = connect(house_env["MONGO_URL"])
    yield client
    client.close()


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return Path(__file__).parents[1]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoHouse]:
    """The whole house as `prat demo` runs it, on free ports; shared by browser and API tests."""
    places = Places.at(tmp_path_factory.mktemp("demo"))
    # Every browser comes from one address here: more than a fair hour's worth of conversations.
    os.environ["PRAT_GATEWAY_CONVERSATIONS_PER_HOUR"] = "10000"
    os.environ.update(EVERYBODY)
    house = DemoHouse(places, Options(restart_dead=False, fixed_ports=False), environ={})
    house.content = always_open(CONTENT, places.root / "content")
    await house.start()
    async with present(house.env["MONGO_URL"], "kari@fjellbekk.example", "elsa@havsro.example"):
        yield house
    await house.stop()


def always_open(content: Path, copy: Path) -> Path:
    """The demo content with shops that never close: tests run at night, too."""
    shutil.copytree(content, copy)
    for file in copy.glob("*/merchant.yaml"):
        text = re.sub(r'opens: "[^"]*", closes: "[^"]*"', ALL_DAY, file.read_text())
        text = re.sub(r"^  holidays: ..\n", "", text, flags=re.MULTILINE)
        file.write_text(text)
    return copy
