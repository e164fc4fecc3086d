"""Logs keep allowed keys only, and say of libraries no more than that they warned."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from libs.kit import logs

CANARY = "Planted-Canary-4711"


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Sets logs up as a service does; what was printed since."""
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    logs.configure("nlu", "INFO", "json")
    yield lambda: capsys.readouterr().out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger().handlers = handlers
    logging.getLogger().setLevel(level)


def test_a_line_is_built_from_the_allow_list(printed: Callable[[], str]) -> None:
    structlog.get_logger().info("Answered.", event_id="1", text=CANARY, body=CANARY)
    line = json.loads(printed())
    assert line.pop("timestamp")
    assert line == {
        "event": "Answered.", "event_id": "1", "level": "info", "service": "nlu", "dropped_keys": 2,
    }  # fmt: skip


def test_a_librarys_words_are_not_passed_on(printed: Callable[[], str]) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("aiokafka.consumer").exception("record %s", CANARY)
    line = printed()
    assert CANARY not in line
    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["where"] == "aiokafka.consumer"
