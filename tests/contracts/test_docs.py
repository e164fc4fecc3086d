"""`prat docs`: pages come from the code, stale ones are found, breaking schemas are refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import docs
from deploy.cli.reference import configuration_page, events_page
from libs.contracts import asyncapi
from libs.contracts.topics import BOT, SERVICES, TOPICS
from libs.kit.errors import ConfigurationError

run = CliRunner().invoke


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for agreed schemas."""
    monkeypatch.setattr(asyncapi, "SCHEMAS", tmp_path)
    return tmp_path


def test_what_is_built_is_not_stale(tmp_path: Path) -> None:
    assert run(docs.app, ["build", "--root", str(tmp_path)]).exit_code == 0
    assert docs.stale_pages(tmp_path) == []


def test_a_missing_or_changed_page_is_named(tmp_path: Path) -> None:
    run(docs.app, ["build", "--root", str(tmp_path)])
    (tmp_path / "docs/configuration.md").write_text("changed by hand")
    (tmp_path / "docs/events/README.md").unlink()
    answer = run(docs.app, ["check", "--root", str(tmp_path)])
    assert answer.exit_code == 1
    assert "docs/events/README.md" in answer.stderr
    assert "docs/configuration.md" in answer.stderr
    assert "prat docs build" in answer.stderr


def test_a_changed_schema_is_named(schemas: Path, tmp_path: Path) -> None:
    docs.take_snapshots()
    assert docs.changed_schemas() == []
    (schemas / f"{BOT.name}.json").write_text("{}")
    assert docs.changed_schemas() == [BOT.name]


def test_a_snapshot_that_breaks_readers_is_refused(schemas: Path) -> None:
    docs.take_snapshots()
    agreed = asyncapi.snapshot(BOT)
    agreed["$defs"]["ReplyComposed"]["properties"]["mood"] = {"type": "string"}
    path = schemas / f"{BOT.name}.json"
    path.write_text(json.dumps(agreed))
    with pytest.raises(ConfigurationError, match=r"ReplyComposed\.mood is gone"):
        docs.take_snapshots()
    assert json.loads(path.read_text()) == agreed


def test_the_events_page_names_every_topic_event_and_personal_field() -> None:
    page = events_page()
    for topic in TOPICS:
        assert f"## {topic.name}\n" in page
        for event_type in topic.event_types:
            assert f"### {event_type.__name__}\n" in page
            for mark in asyncapi.personal_fields(event_type).values():
                assert mark.holds in page


def test_every_setting_has_a_variable_and_a_sentence() -> None:
    rows = [line for line in configuration_page().splitlines() if line.startswith("| `")]
    assert len(rows) > len(SERVICES)
    for row in rows:
        variable, _default, meaning = (cell.strip() for cell in row.strip("|").split(" | "))
        assert variable.strip("`").isupper()
        assert meaning.endswith(".")
