"""A service whose broker or store is away says which, and what to do; one that comes late is awaited."""

import asyncio
import os
import sys
from collections.abc import Mapping

import pytest

from deploy.local.ports import Ports
from libs.kit.errors import ConfigurationError
from libs.kit.settings import CommonSettings
from tests.builders import secrets_folder

NOWHERE = "127.0.0.1:1"
STORE = "mongodb://visitor:very-secret-password@127.0.0.1:1/?serverSelectionTimeoutMS=300"


async def start(env: Mapping[str, str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "service", "retention",
        env={**os.environ, **env}, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, errors.decode()


@pytest.mark.parametrize("away", ["broker", "store"])
async def test_what_is_away_at_start_is_named_with_the_fix(
    house_env: Mapping[str, str], away: str
) -> None:
    missing = {"KAFKA_BOOTSTRAP": NOWHERE} if away == "broker" else {"MONGO_URL": STORE}
    port = str(Ports().any())
    limits = {"PRAT_START_TIMEOUT_SECONDS": "3", "PRAT_RETENTION_INTERNAL_PORT": port}
    code, errors = await start({**house_env, **missing, **limits})
    assert code == 1
    assert "127.0.0.1:1" in errors
    assert "Fix:" in errors
    assert "prat doctor" in errors
    assert "very-secret-password" not in errors
    assert "Traceback" not in errors


async def test_a_missing_secret_is_named_with_the_fix(
    house_env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = str(tmp_path_factory.mktemp("empty"))
    code, errors = await start({**house_env, "PRAT_SECRETS_DIR": empty})
    assert code == 1
    assert "kek-dialogue.key" in errors
    assert "prat init" in errors
    assert "Traceback" not in errors


def test_a_key_that_is_not_a_key_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = secrets_folder(tmp_path_factory.mktemp("secrets"))
    from libs.contracts.sealed import Purpose

    (folder / "kek-case.key").write_text("too short")
    with pytest.raises(ConfigurationError, match=r"kek-case\.key"):
        CommonSettings(secrets_dir=folder).keks(Purpose.CASE)
