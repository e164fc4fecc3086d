"""`prat dlq`: shows the outside of dead letters only, and gives one back when told to."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import dlq
from deploy.cli.dlq import Letter
from deploy.cli.main import app
from deploy.local.ports import Ports

RUN = CliRunner()
CANARY = b"Kari-Planted-Canary-4711@example.org"
HEADERS = {
    "reason": b"contract_broken", "where": b"MessageReceived.locale", "topic": b"prat.visitor.v1",
    "partition": b"7", "offset": b"41",
}  # fmt: skip
OUTSIDE = {
    "time": "2026-03-02T12:00:00.250+00:00", "service": "nlu", "offset": 3,
    "topic": "prat.visitor.v1", "topic_partition": "7", "topic_offset": "41",
    "reason": "contract_broken", "where": "MessageReceived.locale",
}  # fmt: skip


class Record:
    """A dead letter as the client library gives it."""

    key: bytes | None = b"conversation"
    value: bytes | None = CANARY
    timestamp = 1_772_452_800_250

    def __init__(self, offset: int = 3, **headers: bytes | None) -> None:
        self.offset = offset
        self.headers = tuple((HEADERS | headers).items())


class Unread(Record):
    """Fails when somebody looks inside."""

    @property
    def value(self) -> bytes | None:  # type: ignore[override]
        raise AssertionError("the value was looked at")

    @property
    def key(self) -> bytes | None:  # type: ignore[override]
        raise AssertionError("the key was looked at")


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """The dead letters of nlu on a broker that is not there; the others have none."""
    held: list[Record] = []

    @asynccontextmanager
    async def no_reader(_bootstrap: str) -> AsyncGenerator[None, None]:
        yield

    async def read(_reader: None, topic: str, first: int = 0) -> AsyncGenerator[Record, None]:
        for record in held if topic == "prat.dlq.nlu" else []:
            if record.offset >= first:
                yield record

    monkeypatch.setattr(dlq, "reader", no_reader)
    monkeypatch.setattr(dlq, "records", read)
    return held


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What was given back to the bus."""
    sent: list[tuple[str, bytes]] = []

    async def publish(_bootstrap: str, letter: Letter, record: Any) -> None:
        sent.append((letter.topic, record.value))

    monkeypatch.setattr(dlq, "publish_again", publish)
    return sent


def test_a_letters_outside_is_read_without_its_key_or_value(letters: list[Record]) -> None:
    letters.append(Unread())
    result = RUN.invoke(app, ["dlq", "list", "--json"])
    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout) == {"letters": [OUTSIDE]}


def test_the_list_for_people_has_every_part(letters: list[Record]) -> None:
    letters.append(Unread())
    result = RUN.invoke(app, ["dlq", "list", "--service", "nlu"])
    for part in ("nlu", "3", "prat.visitor.v1/7/41", "contract_broken", "MessageReceived.locale"):
        assert part in result.stdout


def test_letters_of_other_services_are_left_out(letters: list[Record]) -> None:
    letters.append(Unread())
    assert RUN.invoke(app, ["dlq", "list", "--service", "gateway"]).stdout == "No dead letters.\n"


def test_letters_come_in_the_order_of_their_time(letters: list[Record]) -> None:
    older = Record(9)
    older.timestamp = 1
    letters.extend([Record(3), older])
    result = RUN.invoke(app, ["dlq", "list", "--json"])
    assert [one["offset"] for one in json.loads(result.stdout)["letters"]] == [9, 3]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b"\x1b[2Jgone", "\ufffd[2Jgone"), (b"\xff", "\ufffd"), (None, ""), (b"[red]x[/red]", None)],
)
def test_a_headers_signs_do_nothing_to_the_terminal(
    letters: list[Record], value: bytes | None, shown: str | None
) -> None:
    letters.append(Record(reason=value))
    as_json = RUN.invoke(app, ["dlq", "list", "--json"])
    expected = "[red]x[/red]" if shown is None else shown
    assert json.loads(as_json.stdout)["letters"][0]["reason"] == expected
    for_people = RUN.invoke(app, ["dlq", "list"])
    assert expected in for_people.stdout
    assert "\x1b" not in for_people.stdout


def test_a_letter_without_headers_says_so(letters: list[Record]) -> None:
    record = Record()
    record.headers = ()
    letters.append(record)
    (shown,) = json.loads(RUN.invoke(app, ["dlq", "list", "--json"]).stdout)["letters"]
    assert (shown["topic"], shown["reason"], shown["where"]) == ("unknown", "unknown", "")


def test_a_replay_asks_first_and_publishes_after_a_yes(
    letters: list[Record], published: list[tuple[str, bytes]]
) -> None:
    letters.extend([Record(2), Record(3)])
    result = RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", "3"], input="y\n")
    assert result.exit_code == 0
    assert "contract_broken" in result.stdout
    assert CANARY.decode() not in result.output
    assert published == [("prat.visitor.v1", CANARY)]


def test_a_replay_does_nothing_after_a_no(
    letters: list[Record], published: list[tuple[str, bytes]]
) -> None:
    letters.append(Record())
    assert RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", "3"], input="n\n").exit_code == 1
    assert published == []


def test_yes_is_not_asked(letters: list[Record], published: list[tuple[str, bytes]]) -> None:
    letters.append(Record())
    result = RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", "3", "--yes"])
    assert result.stdout == "Published on prat.visitor.v1 again.\n"
    assert len(published) == 1


@pytest.mark.parametrize(
    ("offset", "record", "cause"),
    [
        ("3", None, "nlu has no dead letter at offset 3"),
        ("3", Record(4), "nlu has no dead letter at offset 3"),
        ("3", Record(topic=b"prat.dlq.nlu"), "no topic of the contracts"),
        ("3", Record(topic=b"elsewhere"), "no topic of the contracts"),
    ],
)
def test_what_cannot_be_replayed_names_cause_and_fix(
    letters: list[Record],
    published: list[tuple[str, bytes]],
    offset: str,
    record: Record | None,
    cause: str,
) -> None:
    letters.extend([record] if record else [])
    result = RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", offset, "--yes"])
    assert result.exit_code == 1
    assert cause in result.stderr
    assert "Fix:" in result.stderr
    assert published == []


@pytest.mark.parametrize("value", [None, b""])
def test_an_empty_letter_is_not_published(
    letters: list[Record], published: list[tuple[str, bytes]], value: bytes | None
) -> None:
    record = Record()
    record.value = value
    letters.append(record)
    result = RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", "3", "--yes"])
    assert result.exit_code == 1
    assert "empty" in result.stderr
    assert published == []


@pytest.mark.parametrize("arguments", [["list"], ["replay", "nlu", "--offset", "0", "--yes"]])
def test_without_a_broker_cause_and_fix_are_named(arguments: list[str]) -> None:
    nobody = f"127.0.0.1:{Ports().any()}"
    result = RUN.invoke(app, ["dlq", *arguments, "--bootstrap", nobody])
    assert result.exit_code == 1
    assert f"No broker answers at {nobody}" in result.stderr
    assert "KAFKA_BOOTSTRAP" in result.stderr


def test_an_unknown_service_is_refused() -> None:
    assert RUN.invoke(app, ["dlq", "list", "--service", "billing"]).exit_code == 2
    assert RUN.invoke(app, ["dlq", "replay", "nlu", "--offset", "-1"]).exit_code == 2
