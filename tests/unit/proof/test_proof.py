"""The proof fails for whatever it is there to find, and when it could not have found it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.canaries import CHUNK, Canaries, found_in
from tests.proof.look import Expected, Look
from tests.proof.page import table
from tests.proof.proof import Ending, Proof
from tests.proof.scan import Row, leaks, scan

CONVERSATION = "0123456789abcdef" * 2
FIRST = Look("before", Expected.PRESENT, 5, 5, 2, {"prat_nlu.dialogues": 1}, shown=4)
AN_HOUR_BEFORE = replace(FIRST, when="an hour before", shown=None)
OVER = Look("over", Expected.UNREADABLE, 5, 0, 2, {"prat_nlu.dialogues": 1}, shown=0)
SWEPT = Look("swept", Expected.GONE, 5, 0, 0, {}, shown=0)
GOOD = Ending("ended", 3, 2, [FIRST, AN_HOUR_BEFORE, OVER, SWEPT], [Row("logs", 1, 10, with_id=1)])


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("before", [0, 1, CHUNK - 5, CHUNK, 2 * CHUNK - 3])
def test_a_canary_is_found_wherever_it_lies(tmp_path: Path, before: int, coding: str) -> None:
    canaries = Canaries()
    text, _other = canaries("here"), canaries("elsewhere")
    (tmp_path / "file").write_bytes(b"x" * before + text.encode(coding) + b"x" * 9)
    assert found_in(tmp_path / "file", canaries.needles()) == {"here"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("logs/gateway.log", "logs"), ("data/kafka/prat.dlq.nlu-0/0.log", "dead letters"),
        ("data/kafka/prat.visitor.v1-3/0.log", "Kafka segments"), ("data/store/x.wt", "store files"),
        ("backup/documents/a.bson", "backup: documents"), ("metrics/nlu.txt", "metrics"),
        ("nobody/knows", "everything else"),
    ],
)  # fmt: skip
def test_a_leak_is_told_with_its_place(tmp_path: Path, name: str, kind: str) -> None:
    canaries = Canaries()
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(f"{CONVERSATION} said {canaries('message')}")
    rows = scan(tmp_path, canaries, CONVERSATION)
    assert leaks(rows) == {"message": [name]}
    (row,) = (row for row in rows if row.files)
    assert (row.kind, row.with_id) == (kind, 1)
    assert replace(GOOD, scanned=rows).faults == [f"in clear: message in {name}"]


@pytest.mark.parametrize(
    ("place", "changed", "said"),
    [
        (1, {"opened": 4}, "an hour before: too early: something is gone"),
        (1, {"keys": 1}, "an hour before: too early"),
        (1, {"records": {}}, "an hour before: too early"),
        (1, {"shown": 0}, "an hour before: nothing is shown"),
        (2, {"opened": 1}, "over: 1 sealed copies still open"),
        (2, {"shown": 2}, "over: 2 messages are still shown"),
        (3, {"opened": 1}, "swept: 1 sealed copies still open"),
        (3, {"keys": 1}, "swept: 1 keys are still there"),
        (3, {"records": {"prat_nlu.dialogues": 1}}, "swept: still in the store: 1 in prat_nlu."),
        (3, {"shown": 1}, "swept: 1 messages are still shown"),
    ],
)
def test_every_fault_of_a_look_is_told(place: int, changed: dict[str, object], said: str) -> None:
    looks = [*GOOD.looks]
    looks[place] = replace(looks[place], **changed)  # type: ignore[arg-type]
    told(replace(GOOD, looks=looks), said)


@pytest.mark.parametrize("nothing", [{"opened": 0}, {"keys": 0}, {"records": {}}])
def test_a_first_look_that_finds_nothing_proves_nothing(nothing: dict[str, object]) -> None:
    first = replace(FIRST, **nothing)  # type: ignore[arg-type]
    told(replace(GOOD, looks=[first, SWEPT]), "control failed")


@pytest.mark.parametrize("changed", [{"control_in_export": 0}, {"scanned": [Row("logs", 1)]}])
def test_without_its_controls_it_proves_nothing(changed: dict[str, object]) -> None:
    told(replace(GOOD, **changed), "control failed")  # type: ignore[arg-type]


def told(bad: Ending, said: str) -> None:
    """The one fault, in the ending and in the proof."""
    (fault,) = bad.faults
    assert said in fault
    proof = Proof([GOOD, bad], "stack")
    assert not proof.as_json()["proven"]
    assert "NOT PROVEN" in table(proof, 1)


def test_a_fault_on_the_way_is_none_of_an_ending() -> None:
    assert "NOT PROVEN" in table(Proof([GOOD], "stack", faulty=["no backup"]), 1)


def test_a_good_end_is_proven() -> None:
    proof = Proof([GOOD], "stack", skipped="no clock")
    assert proof.as_json()["proven"]
    assert "Proven in 1 s" in table(proof, 1)
    assert "left out: no clock" in table(proof, 1)
