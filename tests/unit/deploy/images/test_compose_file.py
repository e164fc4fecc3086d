"""docker-compose.yml: closed to everybody but this machine, and of one mind with the code."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.local.kafka_jars import kafka_version
from deploy.local.layout import PREFERRED
from deploy.local.store_users import user_of
from libs.contracts.topics import SERVICES

ROOT = Path(__file__).parents[4]
SHOPS = ("shop-fjellbekk", "shop-havsro", "strip")
OURS = (*SERVICES, *SHOPS, "init")
PUBLISHED = {
    "gateway": "gateway", "handoff": "handoff", "analytics": "analytics",
    "shop-fjellbekk": "fjellbekk", "shop-havsro": "havsro", "strip": "strip", "nlu": "authoring",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file, with its anchors resolved."""
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    return loaded


def test_everything_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, "kafka", "mongo"}
    assert all(compose["services"][name]["profiles"] == ["demo"] for name in SHOPS)


def test_kafka_is_the_version_that_runs_without_containers(compose: dict[str, Any]) -> None:
    image = compose["services"]["kafka"]["image"]
    assert image == f"${{PRAT_KAFKA_IMAGE:-apache/kafka:{kafka_version()}}}"


def test_only_the_doors_are_published_and_only_on_this_machine(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, one in services.items() if one.get("ports")} == set(PUBLISHED)
    for name, known_as in PUBLISHED.items():
        (port,) = services[name]["ports"]
        assert re.fullmatch(rf"127\.0\.0\.1:\$\{{PRAT_\w+_PORT:-{PREFERRED[known_as]}\}}:\d+", port)


def test_broker_store_and_internal_interfaces_have_no_way_out(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("kafka", "mongo", "retention", "init"):
        assert compose["services"][name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_change_nothing(compose: dict[str, Any], name: str) -> None:
    one = compose["services"][name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["image"] == "${PRAT_IMAGE:-prat:local}"
    secrets, *others = one["volumes"]
    assert secrets == "secrets:/run/prat/secrets" + (":ro" if name != "init" else "")
    assert others == (["store-root:/run/prat/store-root:ro"] if name == "init" else [])


def test_the_store_asks_who_is_there_and_only_init_may_know_root(compose: dict[str, Any]) -> None:
    mongo, init = compose["services"]["mongo"], compose["services"]["init"]
    assert mongo["command"][:3] == ["bash", "/prat/start.sh", "mongod"]
    assert "./deploy/images/mongo/start.sh:/prat/start.sh:ro" in mongo["volumes"]
    assert mongo["environment"] == {"PRAT_MONGO_USERS": "${PRAT_MONGO_USERS-each}"}
    assert "store-root:/data/configdb" in mongo["volumes"]
    assert init["environment"]["PRAT_STORE_ROOT_DIR"] == "/run/prat/store-root"
    assert "authSource=admin" in init["environment"]["MONGO_URL"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_itself_in_the_store_unless_that_asks_nobody(
    compose: dict[str, Any], name: str
) -> None:
    user = compose["services"][name]["environment"]["PRAT_STORE_USER"]
    assert user == f"${{PRAT_MONGO_USERS-{user_of(name)}}}"


@pytest.mark.parametrize("name", [*SERVICES, *SHOPS])
def test_our_containers_are_watched_restarted_and_given_time(
    compose: dict[str, Any], name: str
) -> None:
    one = compose["services"][name]
    assert one["restart"] == "unless-stopped"
    assert int(one["stop_grace_period"].removesuffix("s")) > 15
    assert "/app/ready.py" in one["healthcheck"]["test"]
    assert one["depends_on"] == {"init": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("name", SERVICES)
def test_a_services_health_is_asked_on_its_internal_port(
    compose: dict[str, Any], name: str
) -> None:
    one = compose["services"][name]
    port = one["environment"][f"PRAT_{name.upper()}_INTERNAL_PORT"]
    assert one["healthcheck"]["test"][-1] == port
    assert not any(str(published).endswith(f":{port}") for published in one.get("ports", ()))


def test_the_image_takes_the_same_uv_as_a_machine() -> None:
    image = (ROOT / "deploy/images/Dockerfile").read_text()
    machine = (ROOT / "deploy/setup/python.sh").read_text()
    wanted = re.search(r"^uv_version=(\S+)$", machine, re.MULTILINE)
    assert wanted
    assert f"ARG UV_VERSION={wanted[1]}\n" in image


def test_a_machine_without_an_engine_is_told_how_to_get_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.compose"],
        env={"PATH": "/nowhere"}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "there is no docker command here" in done.stderr
    assert "Fix: install Docker Engine" in done.stderr
