"""The demo shops' notices promise what their merchants' settings make the house do."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

DEMO = Path(__file__).parents[4] / "deploy" / "demo"
NOTICES = sorted((DEMO / "shop" / "data").glob("*/privacy.*.yaml"))
CASE_CAP_DAYS = 365


@pytest.mark.parametrize("notice", NOTICES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_days_in_the_notice_are_the_merchants_days(notice: Path) -> None:
    merchant = YAML().load(DEMO / "merchants" / notice.parent.name / "merchant.yaml")
    promised = {int(days) for days in re.findall(r"(\d+) (?:dager|dagar|days)", notice.read_text())}
    kept = {merchant["retention_days"], merchant.get("case_cap_days", CASE_CAP_DAYS)}
    assert promised == kept


def test_every_shop_has_its_notices() -> None:
    assert {notice.parent.name for notice in NOTICES} == {"fjellbekk", "havsro"}
    assert len(NOTICES) == 4
