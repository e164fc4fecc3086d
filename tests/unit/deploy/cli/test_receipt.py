"""`prat receipt`: each answer has its exit code and says what to do; a rotation loses no receipt."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.local.receipt_keys import own_keys
from libs.contracts.topics import SERVICES
from services.retention.domain import Erasure
from services.retention.evidence import facts_of
from services.retention.receipts import Signer
from services.retention.settings import RECEIPT_KEY, RETIRED_KEYS, RetentionSettings
from tests.builders import NOW, secrets_folder
from tests.unit.retention.exports import as_json, export
from tests.unit.retention.test_export import SAID

RUN = CliRunner()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with its secrets."""
    secrets_folder(tmp_path / "secrets")
    return tmp_path


def sign(house: Path) -> dict[str, Any]:
    settings = RetentionSettings(secrets_dir=house / "secrets")
    deleted = {service: {"things": 2} for service in SERVICES}
    facts = facts_of(Erasure(uuid4(), "visitor", NOW, deleted), "fjellbekk", NOW + timedelta(1))
    return Signer(settings.key(RECEIPT_KEY)).sign(facts)


def check(house: Path, body: Any, *options: str) -> Any:
    file = house / "receipt.json"
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return RUN.invoke(
        app,
        ["receipt", "verify", str(file), "--data-dir", str(house), *options],
        terminal_width=200,
    )


def published(house: Path) -> str:
    file = house / "keys.json"
    file.write_text(json.dumps(own_keys(house / "secrets")))
    return str(file)


def test_a_genuine_receipt_is_shown(house: Path) -> None:
    receipt = sign(house)
    answer = check(house, receipt)
    assert answer.exit_code == 0
    assert receipt["erasure_id"] in answer.stdout
    assert "retention: 2 things" in answer.stdout
    assert "key_backups 2026-03-10 12:00" in answer.stdout


def test_a_downloaded_conversation_is_checked_alike_and_not_shown(house: Path) -> None:
    settings = RetentionSettings(secrets_dir=house / "secrets")
    text = as_json(export(), SAID, Signer(settings.key(RECEIPT_KEY))).decode()
    answer = check(house, text)
    assert (answer.exit_code, "4 messages" in answer.stdout) == (0, True)
    said = json.loads(check(house, text, "--json").stdout)
    assert said["export"] == {
        "format": "prat-export/1", "exported_at": "2026-03-02T12:00:00Z",
        "merchant_id": "fjellbekk", "messages": 4,
    }  # fmt: skip
    assert check(house, text.replace("Hvor er pakken?", "Hvor er katten?")).exit_code == 1


def test_with_published_keys_nothing_else_of_the_house_is_needed(
    house: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    answer = check(elsewhere, sign(house), "--keys", published(house), "--json")
    assert answer.exit_code == 0
    body = json.loads(answer.stdout)
    assert (body["outcome"], body["receipt"]["merchant_id"]) == ("genuine", "fjellbekk")


@pytest.mark.parametrize(
    ("change", "code", "outcome"),
    [
        ({"requested_by": "agent"}, 1, "altered"),
        ({"format": "prat-receipt/9"}, 4, "not_a_receipt"),
        ({"signature": {"algorithm": "Ed25519", "key_id": "0" * 32, "value": ""}}, 3, "unknown_key"),
        ({"format": None, "done": False, "waiting_for": ["nlu"]}, 5, "unfinished"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_exit_code_and_a_fix(
    house: Path, change: dict[str, Any], code: int, outcome: str
) -> None:
    body = sign(house) | change
    answer = check(house, body)
    assert answer.exit_code == code
    assert "Fix: " in answer.stderr
    assert answer.stdout == ""
    said = json.loads(check(house, body, "--json").stdout)
    assert said["outcome"] == outcome
    assert said["fix"]


def test_a_wrong_file_of_keys_is_another_fault(house: Path) -> None:
    receipt = sign(house)
    (house / "keys.json").write_text(json.dumps(receipt))
    answer = check(house, receipt, "--keys", str(house / "keys.json"))
    assert answer.exit_code == 6
    assert "receipt-keys" in answer.stderr


def test_where_there_are_no_keys_they_are_asked_for(house: Path, tmp_path: Path) -> None:
    answer = check(tmp_path / "secrets", sign(house))
    assert answer.exit_code == 6
    assert "--keys" in answer.stderr


def test_a_missing_file_is_wrong_usage(house: Path) -> None:
    assert RUN.invoke(app, ["receipt", "verify", str(house / "nothing.json")]).exit_code == 2


def test_after_rotations_every_receipt_is_still_verified(house: Path) -> None:
    receipts = [sign(house)]
    for _ in range(2):
        assert RUN.invoke(app, ["receipt", "rotate", "--data-dir", str(house)]).exit_code == 0
        receipts.append(sign(house))
    assert len({receipt["signature"]["key_id"] for receipt in receipts}) == 3
    for receipt in receipts:
        assert check(house, receipt, "--keys", published(house)).exit_code == 0
    for name in (RECEIPT_KEY, RETIRED_KEYS):
        assert stat.S_IMODE((house / "secrets" / name).stat().st_mode) == 0o600


def test_a_broken_list_of_old_keys_is_not_overwritten(house: Path) -> None:
    before = (house / "secrets" / RECEIPT_KEY).read_text()
    (house / "secrets" / RETIRED_KEYS).write_text("{}")
    answer = RUN.invoke(app, ["receipt", "rotate", "--data-dir", str(house)])
    assert answer.exit_code == 1
    assert RETIRED_KEYS in answer.stderr
    assert (house / "secrets" / RECEIPT_KEY).read_text() == before
