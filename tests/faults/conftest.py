"""The house whose processes the fault tests end with kill -9."""

import pytest

from deploy.demo.runner import DemoHouse


@pytest.fixture
def house(demo_house: DemoHouse) -> DemoHouse:
    """The demo house: it has no supervisor that would mend what a test breaks."""
    return demo_house
