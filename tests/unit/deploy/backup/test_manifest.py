"""A backup is what was written, by this house; keys are never older than seven days."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deploy.backup import restoring
from deploy.backup.manifest import KEYS_KEPT, NAME, File, Ledger, Manifest, Moment, digest, save
from deploy.backup.pruning import pruned
from deploy.local.errors import LocalFault
from services.retention.evidence import KEY_BACKUPS_KEPT
from tests.builders import NOW

KEY = bytes(range(32))
LEDGER = Ledger(cluster="one", ends=(5,) * 12)
BUS = Moment(ledger=LEDGER, groups={"prat.nlu.dialogue": {"prat.visitor.v1": {0: 7, 11: 2}}})


def made(folder: Path, holds: str = "documents", made_at: datetime = NOW, key: bytes = KEY) -> Path:
    """A backup of one file."""
    folder.mkdir(parents=True)
    database = "prat_keys" if holds == "keys" else "prat_retention"
    path = folder / f"{database}.things.bson"
    path.write_bytes(b"\x05\x00\x00\x00\x00")
    file = File(
        name=path.name, database=database, collection="things", documents=1, sha256=digest(path)
    )
    kept = Manifest.model_validate(
        {"holds": holds, "made_at": made_at, "bus": BUS, "files": (file,)}
    )
    save(folder, kept.sealed(key))
    return folder


def test_what_was_written_is_opened(tmp_path: Path) -> None:
    source = restoring.opened(made(tmp_path / "b"), "documents", KEY, NOW)
    assert (source.manifest.documents, source.manifest.made_at) == (1, NOW)
    assert source.manifest.bus == BUS


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / NAME).unlink(), "holds no backup"),
        (lambda folder: (folder / NAME).write_text("{}"), "not of the form"),
        (lambda folder: change(folder, "prat-backup/1", "prat-backup/2"), "not of the form"),
        (lambda folder: change(folder, '"documents": 1', '"documents": 2'), "was changed"),
        (lambda folder: change(folder, "2026-03-02", "2026-03-03"), "was changed"),
        (lambda folder: next(folder.glob("*.bson")).write_bytes(b"x"), "missing or was changed"),
        (lambda folder: next(folder.glob("*.bson")).unlink(), "missing or was changed"),
    ],
)
def test_what_was_tampered_with_is_refused(tmp_path: Path, damage: object, said: str) -> None:
    folder = made(tmp_path / "b")
    assert callable(damage)
    damage(folder)
    with pytest.raises(LocalFault, match=said):
        restoring.opened(folder, "documents", KEY, NOW)


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / NAME).read_text()
    assert old in text
    (folder / NAME).write_text(text.replace(old, new))


def test_another_house_does_not_restore_it(tmp_path: Path) -> None:
    with pytest.raises(LocalFault, match="another house"):
        restoring.opened(made(tmp_path / "b"), "documents", bytes(32), NOW)


def test_documents_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(LocalFault, match="holds documents, not keys"):
        restoring.opened(made(tmp_path / "b"), "keys", KEY, NOW)


def test_keys_are_restored_for_less_than_the_seven_days_that_receipts_promise(
    tmp_path: Path,
) -> None:
    keys = made(tmp_path / "b", "keys")
    assert KEYS_KEPT == KEY_BACKUPS_KEPT
    assert restoring.opened(keys, "keys", KEY, NOW + KEYS_KEPT - timedelta(seconds=1))
    with pytest.raises(LocalFault, match="older than 7 days"):
        restoring.opened(keys, "keys", KEY, NOW + KEYS_KEPT)


def test_old_keys_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    old = made(tmp_path / "keys" / "monday", "keys", NOW - KEYS_KEPT)
    young = made(tmp_path / "keys" / "tuesday", "keys", NOW - KEYS_KEPT + timedelta(seconds=1))
    documents = made(tmp_path / "documents", "documents", NOW - 5 * KEYS_KEPT)
    assert pruned(tmp_path, KEY, NOW) == ([old], [])
    assert not old.exists()
    assert {*young.iterdir(), *documents.iterdir()}


def test_keys_of_unknown_age_are_told_of(tmp_path: Path) -> None:
    folder = made(tmp_path / "b", "keys", NOW - KEYS_KEPT)
    (folder / NAME).unlink()
    assert pruned(tmp_path, KEY, NOW) == ([], [folder])


def test_the_manifest_holds_no_key(tmp_path: Path) -> None:
    assert KEY.hex() not in (made(tmp_path / "b") / NAME).read_text()
