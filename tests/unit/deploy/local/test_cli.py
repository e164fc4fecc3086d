"""The `prat` command: its words, its exit codes, its JSON."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.cli.output import fault_json, step_line
from deploy.cli.topics import keeps, row
from deploy.kafka.topics import wanted_topics
from deploy.local import checks
from deploy.local.checks import Finding, all_good
from deploy.local.errors import LocalFault, StartFailed
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.progress import Done
from deploy.local.secrets import create_secrets

RUN = CliRunner()


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.delenv("MONGO_URL", raising=False)


def test_version() -> None:
    result = RUN.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("prat ")


@pytest.mark.parametrize("command", [[], ["demo"], ["up"], ["init"], ["doctor"], ["service"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = RUN.invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert len(result.stdout) > 200


def test_service_runs_the_services_own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    stub = SimpleNamespace(main=lambda: called.append("nlu"))
    monkeypatch.setitem(sys.modules, "services.nlu.app", stub)
    monkeypatch.setitem(sys.modules, "services.nlu", SimpleNamespace(app=stub))
    assert RUN.invoke(app, ["service", "nlu"]).exit_code == 0
    assert called == ["nlu"]


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    result = RUN.invoke(app, ["service", "billing"])
    assert result.exit_code == 2
    assert "gateway" in result.stderr


@pytest.mark.parametrize("command", ["create", "list"])
def test_topics_without_a_broker_name_cause_and_fix(command: str) -> None:
    nobody = f"127.0.0.1:{Ports().any()}"
    result = RUN.invoke(app, ["topics", command, "--bootstrap", nobody])
    assert result.exit_code == 1
    assert f"No broker answers at {nobody}" in result.stderr
    assert "Fix:" in result.stderr


def test_demo_with_a_wrong_address_fails_in_json(tmp_path: Path) -> None:
    env = {"KAFKA_BOOTSTRAP": f"127.0.0.1:{Ports().any()}", "MONGO_URL": "mongodb://127.0.0.1:1"}
    result = RUN.invoke(
        app, ["demo", "--json", "--free-ports", "--data-dir", str(tmp_path)], env=env
    )
    assert result.exit_code == 1
    body = json.loads(result.stdout)
    assert body["ready"] is False
    assert "No broker answers" in body["error"]["cause"]
    assert "KAFKA_BOOTSTRAP" in body["error"]["fix"]


def test_doctor_reports_every_check_in_json(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["doctor", "--json", "--data-dir", str(tmp_path / "house")])
    body = json.loads(result.stdout)
    assert {finding["name"] for finding in body["findings"]} == {
        "python", "java", "kafka jars", "store", "plots", "disk", "ports", "secrets", "chromium",
        "libfaketime",
        "broker", "store server",
    }  # fmt: skip
    assert all(finding["fix"] for finding in body["findings"] if not finding["good"])
    assert result.exit_code == (0 if body["good"] else 1)


def test_doctor_fails_with_a_fix_when_a_given_broker_is_away(tmp_path: Path) -> None:
    env = {"KAFKA_BOOTSTRAP": f"127.0.0.1:{Ports().any()}"}
    result = RUN.invoke(app, ["doctor", "--data-dir", str(tmp_path / "house")], env=env)
    assert result.exit_code == 1
    assert "FAIL broker" in result.stdout
    assert "unset KAFKA_BOOTSTRAP" in result.stdout


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "house", tmp_path / "cache")
    create_secrets(places.secrets, ("fjellbekk", "havsro"))
    return places


async def finding(places: Places, name: str) -> Finding:
    return next(found for found in await checks.examine(places, {}) if found.name == name)


async def test_doctor_sees_a_missing_and_an_open_secret(places: Places) -> None:
    assert (await finding(places, "secrets")).good
    (places.secrets / "ledger.key").chmod(0o644)
    open_file = await finding(places, "secrets")
    assert (open_file.good, open_file.detail) == (False, "readable by others: ledger.key")
    (places.secrets / "ledger.key").unlink()
    assert (await finding(places, "secrets")).detail == "missing: ledger.key"


async def test_doctor_sees_an_old_java(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.kafka_jars.java_version", lambda: 11)
    old = await finding(places, "java")
    assert not old.good
    assert "openjdk-17" in old.fix


async def test_doctor_names_taken_ports_without_failing(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "is_free", lambda port: port != 8080)
    taken = await finding(places, "ports")
    assert (taken.good, taken.needed, taken.detail) == (False, False, "taken: 8080")


def test_only_what_is_needed_decides() -> None:
    good = Finding("a", good=True, detail="")
    note = Finding("b", good=False, detail="", fix="c", needed=False)
    bad = Finding("d", good=False, detail="", fix="e")
    assert all_good([good, note])
    assert not all_good([good, note, bad])


def test_topic_rows() -> None:
    rows = [row(wanted, {}) for wanted in wanted_topics()]
    assert ("prat.visitor.v1", "12", "72 h", "missing") in rows
    assert {keeps(wanted) for wanted in wanted_topics()} == {
        "72 h",
        "168 h",
        "9600 h",
        "newest per key",
    }


def test_a_step_shows_its_number_detail_and_time() -> None:
    line = step_line(Done(2, 5, "topics", "13 as in the contracts [new]", 0.149))
    assert "[2/5]" in line
    assert r"\[new]" in line
    assert "0.1 s" in line


def test_a_fault_in_json_has_cause_fix_and_log(tmp_path: Path) -> None:
    log = tmp_path / "nlu.log"
    body = json.loads(fault_json(StartFailed("nlu ended", "read it", log)))
    assert body == {
        "ready": False, "error": {"cause": "nlu ended", "fix": "read it", "log": str(log)},
    }  # fmt: skip
    assert json.loads(fault_json(LocalFault("no java", "install")))["error"]["log"] is None
