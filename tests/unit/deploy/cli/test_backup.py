"""`prat backup`, `prat restore`: what they say before they touch broker or store."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.backup.manifest import KEYS_KEPT
from deploy.cli.main import app
from libs.kit.clock import utc_now
from libs.kit.settings import CommonSettings
from tests.builders import secrets_folder
from tests.unit.deploy.backup.test_manifest import made

RUN = CliRunner()


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The key that this house seals its backups with."""
    monkeypatch.setenv("PRAT_SECRETS_DIR", str(secrets_folder(tmp_path / "secrets")))
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    return CommonSettings().key("ledger.key")


def test_a_backup_needs_a_place() -> None:
    result = RUN.invoke(app, ["backup"])
    assert result.exit_code == 2
    assert "--out" in result.output


def test_what_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["restore", str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert "holds no backup" in json.loads(result.stdout)["error"]["cause"]


def test_old_keys_are_not_restored_even_where_nothing_answers(tmp_path: Path, house: bytes) -> None:
    documents = made(tmp_path / "documents", key=house)
    old = made(tmp_path / "keys", "keys", utc_now() - KEYS_KEPT, key=house)
    result = RUN.invoke(app, ["restore", str(documents), "--keys", str(old), "--json"])
    assert result.exit_code == 1
    assert "older than 7 days" in json.loads(result.stdout)["error"]["cause"]


def test_nothing_is_restored_without_the_bus(tmp_path: Path, house: bytes) -> None:
    documents = made(tmp_path / "documents", key=house)
    result = RUN.invoke(app, ["restore", str(documents), "--over", "--json"])
    assert result.exit_code == 1
    assert "does not answer" in json.loads(result.stdout)["error"]["cause"]


def test_pruning_says_what_is_gone_and_fails_where_an_age_is_unknown(
    tmp_path: Path, house: bytes
) -> None:
    keys = tmp_path / "keys"
    old = made(keys / "old", "keys", utc_now() - KEYS_KEPT, key=house)
    made(keys / "new", "keys", utc_now(), key=house)
    result = RUN.invoke(app, ["backup", "prune", str(keys), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["deleted"]) == (0, [str(old)])
    foreign = made(keys / "foreign", "keys", utc_now())
    result = RUN.invoke(app, ["backup", "prune", str(keys), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["unknown"]) == (1, [str(foreign)])
