"""The record of processing and the assessment's annex say what the data map and the shop say."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.privacy.dpia import ABROAD, FILES, RISKS, annex, annex_page, risks_of
from deploy.privacy.record import record, record_page
from libs.contracts.datamap import Nature
from tests.unit.deploy.privacy.papers import running_shop

ROOT = Path(__file__).parents[4]


def activity(made: dict[str, Any], purpose: str) -> dict[str, Any]:
    return next(one for one in made["activities"] if one["purpose"] == purpose)


def at_most(made: dict[str, Any], place: str) -> set[str]:
    return {
        p["at_most"] for one in made["activities"] for p in one["places"] if p["place"] == place
    }


def test_the_record_has_all_that_article_30_asks_for() -> None:
    made = record(running_shop("abroad"))
    assert made["controller"]["name"] == "Fjellbekk Friluft AS"
    assert made["controller"]["contact"] == "personvern@fjellbekk.example"
    assert (made["processor"]["name"], made["processor"]["agreement"]) == (
        "Prat Demo Provider AS", "1.0",
    )  # fmt: skip
    assert [one["name"] for one in made["sub_processors"]] == ["Nordvakt Drift AS", "Farhost Inc"]
    assert [(t["name"], t["safeguard"]) for t in made["transfers"]] == [
        ("Farhost Inc", "standard_clauses")
    ]
    for one in made["activities"]:
        for needed in ("aim", "legal_basis", "data_subjects", "data", "recipients", "places"):
            assert one[needed], needed
    assert made["security_measures"]


def test_its_times_are_those_that_run() -> None:
    made = record(running_shop(retention_days=30, case_cap_days=200, audit_days=123))
    assert at_most(made, "nlu.dialogues") == {"30 days"}
    assert at_most(made, "handoff.cases") == {"200 days"}
    assert at_most(made, "handoff.audit") == {"123 days"}
    assert at_most(made, "prat.visitor.v1") == {"3 days"}
    assert any("123 days" in text for text in made["security_measures"])


def test_everything_about_people_in_the_data_map_is_in_the_record() -> None:
    run = running_shop()
    recorded = {p["place"] for one in record(run)["activities"] for p in one["places"]}
    assert recorded == {row.place for row in run.data_map() if row.nature is not Nature.NONE}


def test_data_are_named_in_words_and_not_by_their_models() -> None:
    data = activity(record(running_shop()), "dialogue")["data"]
    assert "what the visitor wrote" in data
    assert not any("Body" in words for words in data)


def test_cases_are_not_recorded_as_dialogue() -> None:
    made = record(running_shop())
    assert "analytics.pending" not in {p["place"] for p in activity(made, "case")["places"]}
    assert "handoff.notes" not in {p["place"] for p in activity(made, "dialogue")["places"]}


def test_the_pages_say_what_the_data_say() -> None:
    run = running_shop("below")
    page, made = record_page(run), record(run)
    for one in made["activities"]:
        assert one["title"] in page
        assert one["legal_basis"] in page
        assert all(f"`{p['place']}`" in page for p in one["places"])
    assert "## Transfers outside of the EEA\n\nNone." in page
    assert "None" not in page.replace("\n\nNone.", "")
    assert json.dumps(made)
    assert json.dumps(annex(run))


@pytest.mark.parametrize("risk", [*RISKS, FILES, ABROAD], ids=lambda risk: risk.what[:30])
def test_every_measure_is_proved_by_a_test_that_is_there(risk: Any) -> None:
    assert risk.proofs
    for proof in risk.proofs:
        assert (ROOT / proof).is_file(), proof


def test_the_annex_speaks_with_the_running_numbers() -> None:
    page = annex_page(running_shop(retention_days=31, case_cap_days=201, audit_days=123))
    for number in ("31 days", "201 days", "123 days", "74 hours"):
        assert number in page
    assert "{" not in page


def test_files_are_in_the_papers_only_of_a_shop_that_takes_them() -> None:
    without, takes = running_shop(), running_shop(attachments="people", case_cap_days=31)
    place = "retention.attachments"
    assert at_most(record(takes), place) == {"31 days"}
    assert at_most(record(without), place) == set()
    assert any("images and PDFs" in words for words in activity(record(takes), "case")["data"])
    assert "images and PDFs" not in record_page(without)
    assert (risks_of(takes), risks_of(without)) == ((*RISKS, FILES), RISKS)
    assert "kept for 31 days at most" in annex_page(takes)
    assert "files" not in annex_page(without).lower()


def test_transfers_are_a_risk_only_where_there_are_any() -> None:
    assert risks_of(running_shop("below")) == RISKS
    assert risks_of(running_shop("abroad"))[-1] is ABROAD
    assert "Farhost Inc (US), under standard_clauses" in annex_page(running_shop("abroad"))
