"""A merchant's parts: each collection is in one list; nothing is written half or outside of the archive."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from deploy.cli import merchant as command
from deploy.merchant.export import Archive, _inside
from deploy.merchant.reach import PARTS, STAYS, Part
from deploy.privacy.holdings import collections
from libs.kit.staffing import StaffingTable
from tests.builders import merchant as a_merchant

run = CliRunner().invoke


def test_every_collection_goes_with_its_merchant_or_stays_for_a_reason() -> None:
    known = [part.place for part in PARTS] + [*STAYS]
    assert sorted(known) == sorted({row.place for row in collections(400)})
    assert len(known) == len({*known})


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.place)
def test_a_shop_with_a_longer_name_is_another_shop(part: Part) -> None:
    query = repr(part.find(["bod"]))
    assert "bod" in query
    assert "$regex" not in query
    if "$gte" in query:
        low, high = (f"bod{end}" for end in ("/0" if "bod/" in query else "|}"))
        assert low in query
        assert high in query
        assert not low <= "bod-2/x" < high
        assert not low <= "bod2|x" < high


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("topics/gift_card.yaml", "topics/gift_card.yaml"), ("../../etc/passwd", "etc/passwd"),
        ("/root/x", "root/x"), ("..\\x", "x"),
    ],
)  # fmt: skip
def test_nothing_leads_out_of_the_archive(path: str, inside: str) -> None:
    assert _inside(path) == inside


def test_the_archive_knows_the_hash_of_what_is_in_it(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w") as file:
        archive = Archive(file)
        archive.add("x", b"hei")
    assert archive.hashes == {"x": hashlib.sha256(b"hei").hexdigest()}


def test_an_archive_is_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "there.zip"
    out.write_text("mine")
    answer = run(command.app, ["export", "fjellbekk", "--out", str(out)])
    assert answer.exit_code == 1
    assert "exists already" in answer.stderr
    assert out.read_text() == "mine"


def test_staffing_of_a_shop_that_left_is_forgotten() -> None:
    table = StaffingTable()
    table.drop(a_merchant().id)
    assert table.online(a_merchant().id) is None
