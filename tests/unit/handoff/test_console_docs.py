"""docs/console-api.md says what the console's interface is."""

import json
import re
from pathlib import Path

import pytest

from services.handoff.refusals import REFUSALS
from services.handoff.rights import Agent, Right
from services.handoff.views import Around, case_view
from tests.builders import pack
from tests.unit.handoff.builders import waiting_case


@pytest.fixture
def page(project: Path) -> str:
    return (project / "docs" / "console-api.md").read_text("utf-8")


def test_every_code_stands_in_the_table_of_its_status(page: str) -> None:
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", page, re.MULTILINE)
    listed = {code: int(status) for status, cell in rows for code in re.findall(r"`(\w+)`", cell)}
    assert {code: status for code, (status, _, _) in REFUSALS.items()}.items() <= listed.items()


def test_the_case_view_shown_has_the_fields_of_a_real_one(page: str) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    view = case_view(waiting_case(), pack(), Agent("kari", "Kari"), Around())
    assert set(json.loads(example)) == set(view)


def test_every_right_is_named(page: str) -> None:
    assert [right for right in Right if f"`{right}`" not in page] == []
