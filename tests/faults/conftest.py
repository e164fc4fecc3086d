"""A house of its own for the fault tests: they end its processes with kill -9."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.demo.runner import DemoHouse, Options
from deploy.local.places import Places


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoHouse]:
    """The demo house without a supervisor that would mend what a test breaks."""
    places = Places.at(tmp_path_factory.mktemp("faults"))
    house = DemoHouse(places, Options(restart_dead=False, fixed_ports=False), environ={})
    await house.start()
    yield house
    await house.stop()
