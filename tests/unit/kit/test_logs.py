"""Logs keep allowed keys only, and say of libraries no more than that they warned."""

import json
import logging

import pytest
import structlog

from libs.kit import logs

CANARY = "Planted-Canary-4711"


@pytest.fixture
def configured() -> None:
    logs.configure("nlu", "INFO", "json")


@pytest.mark.usefixtures("configured")
def test_a_line_is_built_from_the_allow_list(capfd: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().info("Answered.", event_id="1", text=CANARY, body=CANARY)
    line = json.loads(capfd.readouterr().err)
    assert line.pop("timestamp")
    assert line == {
        "event": "Answered.", "event_id": "1", "level": "info", "service": "nlu", "dropped_keys": 2,
    }  # fmt: skip


@pytest.mark.usefixtures("configured")
def test_a_librarys_words_are_not_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("aiokafka.consumer").exception("record %s", CANARY)
    printed = capfd.readouterr().err
    assert CANARY not in printed
    assert json.loads(printed)["error"] == "ValueError"
    assert json.loads(printed)["where"] == "aiokafka.consumer"
