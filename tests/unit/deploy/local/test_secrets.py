"""Secret files: complete, private, and never overwritten."""

import stat
from base64 import b64decode
from pathlib import Path

import pytest

from deploy.local.secrets import (
    agent_passwords,
    create_secrets,
    editor_passwords,
    secret_names,
    statistics_token,
)

MERCHANTS = ("fjellbekk", "havsro")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all secrets."""
    create_secrets(tmp_path / "secrets", MERCHANTS)
    return tmp_path / "secrets"


def test_all_secrets_are_made_for_the_owner_only(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(secret_names(MERCHANTS))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_secrets_have_the_forms_that_readers_expect(folder: Path) -> None:
    for name in (
        "kek-dialogue.key", "kek-case.key", "ledger.key", "accounts.key", "audit.key",
        "receipt.key",
    ):  # fmt: skip
        assert len(b64decode((folder / name).read_text(), validate=False)) == 32
    int((folder / "internal.token").read_text(), 16)
    webhook = (folder / "webhook-havsro.secret").read_text()
    assert webhook.startswith("whsec_")
    assert len(b64decode(webhook.removeprefix("whsec_"))) == 32
    assert statistics_token(folder, "havsro") != statistics_token(folder, "fjellbekk")


def test_a_second_start_keeps_every_secret(folder: Path) -> None:
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert create_secrets(folder, MERCHANTS) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_only_what_is_missing_is_made_and_loose_files_are_closed(folder: Path) -> None:
    (folder / "ledger.key").unlink()
    (folder / "internal.token").chmod(0o644)
    assert create_secrets(folder, MERCHANTS) == ["ledger.key"]
    assert stat.S_IMODE((folder / "internal.token").stat().st_mode) == 0o600


def test_no_two_keys_are_alike(folder: Path) -> None:
    texts = [path.read_text() for path in folder.iterdir()]
    assert len(set(texts)) == len(texts)


def test_agent_passwords_are_random_and_stay(folder: Path) -> None:
    first = agent_passwords(folder, ["kari@fjellbekk.example"])
    both = agent_passwords(folder, ["kari@fjellbekk.example", "elsa@havsro.example"])
    assert both["kari@fjellbekk.example"] == first["kari@fjellbekk.example"]
    assert len(both["elsa@havsro.example"]) >= 16
    assert agent_passwords(folder, list(both)) == both
    assert stat.S_IMODE((folder / "agent-passwords.json").stat().st_mode) == 0o600


def test_editor_passwords_are_a_file_of_their_own(folder: Path) -> None:
    agents = agent_passwords(folder, ["kari@fjellbekk.example"])
    editors = editor_passwords(folder, ["kari@fjellbekk.example"])
    assert editors != agents
    assert editor_passwords(folder, list(editors)) == editors
    assert stat.S_IMODE((folder / "editor-passwords.json").stat().st_mode) == 0o600
