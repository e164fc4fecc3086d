"""MongoDB in a container asks who is there: root's password is made once, whole, and seen by `init` only."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.local.store_users import admin_url
from libs.kit.settings import CommonSettings

SCRIPT = Path(__file__).parents[4] / "deploy" / "images" / "mongo" / "start.sh"
ENTRY = """\
#!/bin/sh
echo "$MONGO_INITDB_ROOT_USERNAME|$MONGO_INITDB_ROOT_PASSWORD_FILE|$*"
"""
URL = "mongodb://mongo:27017/?replicaSet=prat&authSource=admin"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folders of the image, and its entry point, which says how it was called."""
    for name in ("data/db", "data/configdb", "tmp", "bin"):
        (tmp_path / name).mkdir(parents=True)
    entry = tmp_path / "bin" / "docker-entrypoint.sh"
    entry.write_text(ENTRY)
    entry.chmod(0o755)
    return tmp_path


def started(root: Path, users: str | None = "each") -> subprocess.CompletedProcess[str]:
    """What becomes of a start."""
    env = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "PRAT_ROOT": str(root)}
    return subprocess.run(
        ["bash", str(SCRIPT), "mongod", "--replSet", "prat"], capture_output=True, text=True,
        check=False, env=env | ({} if users is None else {"PRAT_MONGO_USERS": users}),
    )  # fmt: skip


def password(root: Path) -> Path:
    return root / "data" / "configdb" / "store-prat_root.password"


def test_the_first_start_makes_root_and_the_next_keeps_it(root: Path) -> None:
    first = started(root)
    name, file, arguments = first.stdout.strip().split("|")
    assert (name, Path(file)) == ("prat_root", password(root))
    key = root / "tmp" / "prat-member.key"
    assert arguments == f"mongod --replSet prat --auth --keyFile {key}"
    made, member = password(root).read_text(), key.read_text()
    assert len(made) == 64
    assert stat.S_IMODE(key.stat().st_mode) == 0o600, "mongod refuses any other"
    (root / "data" / "db" / "WiredTiger").touch()
    assert started(root).returncode == 0
    assert password(root).read_text() == made
    assert key.read_text() != member


def test_init_logs_in_as_root_with_it(root: Path) -> None:
    started(root)
    environ = {"PRAT_STORE_ROOT_DIR": str(root / "data" / "configdb")}
    settings = CommonSettings.model_validate({"MONGO_URL": URL})
    made = password(root).read_text()
    assert admin_url(settings, environ) == URL.replace("//", f"//prat_root:{made}@")
    given = environ | {"PRAT_STORE_ADMIN_URL": "mongodb://somebody:else@elsewhere"}
    assert admin_url(settings, given) == given["PRAT_STORE_ADMIN_URL"]


@pytest.mark.parametrize("users", ["", None])
def test_a_store_that_is_to_ask_nobody_has_no_root(root: Path, users: str | None) -> None:
    assert started(root, users).stdout == "||mongod --replSet prat\n"
    assert not password(root).exists()
    environ = {"PRAT_STORE_ROOT_DIR": str(password(root).parent)}
    assert admin_url(CommonSettings(), environ) is None


def test_data_from_before_there_were_users_is_not_locked_away(root: Path) -> None:
    (root / "data" / "db" / "WiredTiger").touch()
    refused = started(root)
    assert refused.returncode == 1
    assert "Fix: run with PRAT_MONGO_USERS=" in refused.stderr
    assert not password(root).exists()
