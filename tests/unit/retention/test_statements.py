"""Daily statements: any change is found, and so is a day that was left out or put in."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from services.retention.receipts import Altered, NotAReceipt, Signer, UnknownKey, read_keys
from services.retention.statements import (
    DayFacts,
    Ended,
    Stock,
    added_up,
    digest,
    ended,
    verify_chain,
)
from tests.builders import NOW
from tests.unit.retention.exports import SIGNER

KEYS = read_keys(json.dumps(SIGNER.published()))


def statement(day: int, previous: str | None) -> dict[str, Any]:
    facts = DayFacts(
        day=date(2026, 3, day), made_at=NOW + timedelta(days=day), erasures=2,
        erased={"retention": {"messages": 7}}, unfinished=0,
        stock={"retention.messages": Stock(documents=9, past_end=0, without_end=0, oldest=NOW)},
        expired={
            "retention.messages": Ended(due=day, left=0, gone=day),
            "nlu.dialogues": Ended(due=3, left=0, gone=3),
            "handoff.cases": Ended(due=None, left=0, gone=None),
        },
        silent=("gateway",), alarms=(),
        previous=previous,
    )  # fmt: skip
    return SIGNER.signed(facts.model_dump(mode="json"))


def chain(days: int) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for day in range(1, days + 1):
        made.append(statement(day, digest(made[-1]) if made else None))
    return made


def texts(statements: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(one, indent=day) for day, one in enumerate(statements)]


def test_days_in_order_are_genuine_however_they_are_written() -> None:
    found = verify_chain(texts(chain(4)), KEYS)
    assert [one.day.day for one in found] == [1, 2, 3, 4]
    assert found[0].erased == {"retention": {"messages": 7}}


def test_a_statement_of_before_expiry_was_counted_is_genuine_still() -> None:
    old = statement(1, None)
    for name in ("expired", "ahead", "silent", "signature"):
        del old[name]
    (found,) = verify_chain([json.dumps(SIGNER.signed(old))], KEYS)
    assert (found.expired, found.ahead, found.silent) == ({}, {}, ())


def test_what_is_gone_is_what_was_due_and_is_not_left() -> None:
    found = ended({"retention.messages": 7}, {"retention.messages": 2, "keys.conversation_keys": 1})
    assert found == {
        "retention.messages": Ended(due=7, left=2, gone=5),
        "keys.conversation_keys": Ended(due=None, left=1, gone=None),
    }


CHANGES: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "left out": lambda days: days.pop(1),
    "another order": lambda days: days.reverse(),
    "a number": lambda days: days[1].update(erasures=3),
    "a count": lambda days: days[2]["stock"]["retention.messages"].update(past_end=1),
    "what time has ended": lambda days: days[1]["expired"]["retention.messages"].update(gone=9),
    "an alarm": lambda days: days[0].update(alarms=["x"]),
    "a new field": lambda days: days[0].update(note="x"),
    "put in": lambda days: days.insert(1, statement(2, None)),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_a_chain_is_found(change: Callable[[list[dict[str, Any]]], Any]) -> None:
    days = chain(4)
    change(days)
    with pytest.raises(Altered):
        verify_chain(texts(days), KEYS)


def test_other_keys_and_other_files_are_told_apart() -> None:
    with pytest.raises(UnknownKey):
        verify_chain(texts(chain(1)), read_keys(json.dumps(Signer(bytes(32)).published())))
    for text in ("{}", "[]", '{"format": "prat-receipt/1"}'):
        with pytest.raises(NotAReceipt):
            verify_chain([text], KEYS)
    with pytest.raises(NotAReceipt):
        verify_chain([json.dumps(SIGNER.signed({"format": "prat-statement/1"}))], KEYS)


def test_counts_of_many_erasures_are_added_up() -> None:
    assert added_up([{"a": {"x": 1}}, {"a": {"x": 2, "y": 3}, "b": {}}]) == {
        "a": {"x": 3, "y": 3}, "b": {},
    }  # fmt: skip
    assert added_up([]) == {}


def test_the_command_says_what_was_signed_and_what_was_changed(tmp_path: Path) -> None:
    files = [tmp_path / f"{day}.json" for day in range(3)]
    for file, text in zip(files, texts(chain(3)), strict=True):
        file.write_text(text)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(SIGNER.published()))

    def run(*names: Path) -> Any:
        words = ["statement", "verify", *map(str, names), "--keys", str(keys)]
        return CliRunner().invoke(app, words, terminal_width=200)

    told = run(*files)
    assert told.exit_code == 0
    assert (
        "2026-03-02: 2 erasures finished, 0 under way, 5 documents gone by time (nlu 3, retention 2; "
        "not heard of: gateway), 0 documents past"
    ) in told.stdout.replace("\n", " ")
    missing = run(files[0], files[2])
    assert (missing.exit_code, "does not follow" in missing.stderr) == (1, True)
