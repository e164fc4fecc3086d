"""Which broker and store a house gets, and what it says about them."""

from pathlib import Path

import pytest

from deploy.local import kafka_jars, stack
from deploy.local.errors import LocalFault, MissingTool
from deploy.local.kafka import LocalKafka, new_cluster_id
from deploy.local.light import LightBroker
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.stack import Stack, choose_broker, without_password


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """An empty house."""
    return Places(tmp_path / "house", tmp_path / "cache")


def java(monkeypatch: pytest.MonkeyPatch, reason: str | None, light: str | None) -> None:
    """Pretend that Kafka cannot run for `reason`, and that the light broker is at `light`."""
    monkeypatch.setattr(kafka_jars, "why_no_kafka", lambda _places: reason)
    monkeypatch.setattr(stack, "light_program", lambda: light)


def test_given_addresses_come_first(places: Places) -> None:
    chosen = Stack(
        places,
        environ={"KAFKA_BOOTSTRAP": "k1:9092", "MONGO_URL": "mongodb://prat:hush@m1/?w=majority"},
    )
    assert chosen.env == {
        "KAFKA_BOOTSTRAP": "k1:9092",
        "MONGO_URL": "mongodb://prat:hush@m1/?w=majority",
    }
    sentence = "broker: k1:9092 (from KAFKA_BOOTSTRAP) · store: mongodb://m1 (from MONGO_URL)"
    assert chosen.sentence == sentence


def test_local_processes_come_second(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    java(monkeypatch, None, None)
    chosen = Stack(places, environ={})
    assert chosen.sentence.startswith("broker: Apache Kafka 4.")
    assert "· store: SecantusDB 0.7" in chosen.sentence
    assert "PRAT_KAFKA_IDEMPOTENCE" not in chosen.env
    assert "retryWrites=false&w=majority&journal=true" in chosen.env["MONGO_URL"]


def test_light_broker_comes_last_and_says_so(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    java(monkeypatch, "no java on the path", "/bin/tansu")
    chosen = Stack(places, environ={})
    assert "light broker: nothing on the bus survives a restart" in chosen.sentence
    assert chosen.env["PRAT_KAFKA_IDEMPOTENCE"] == "false"


def test_light_broker_can_be_asked_for(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    java(monkeypatch, None, "/bin/tansu")
    assert isinstance(choose_broker(places, Ports(), {}), LocalKafka)
    assert isinstance(choose_broker(places, Ports(), {"PRAT_BROKER": "light"}), LightBroker)


@pytest.mark.parametrize(("asked", "light"), [("", None), ("kafka", "/bin/tansu")])
def test_no_broker_at_all_names_the_fix(
    places: Places, monkeypatch: pytest.MonkeyPatch, asked: str, light: str | None
) -> None:
    java(monkeypatch, "java is 11, Kafka needs 17", light)
    with pytest.raises(MissingTool, match="java is 11, Kafka needs 17") as caught:
        choose_broker(places, Ports(), {"PRAT_BROKER": asked})
    assert "openjdk-17" in caught.value.fix


async def test_a_given_address_where_nothing_answers_is_a_fault(places: Places) -> None:
    nobody = f"127.0.0.1:{Ports().any()}"
    chosen = Stack(places, environ={"KAFKA_BOOTSTRAP": nobody, "MONGO_URL": f"mongodb://{nobody}"})
    with pytest.raises(LocalFault, match=r"No broker answers at 127\.0\.0\.1") as caught:
        await chosen.broker.start()
    assert "unset KAFKA_BOOTSTRAP" in caught.value.fix
    with pytest.raises(LocalFault, match="not ours"):
        chosen.store.kill()


def test_why_no_kafka(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_jars, "java_version", lambda: None)
    assert kafka_jars.why_no_kafka(places) == "no java on the path"
    monkeypatch.setattr(kafka_jars, "java_version", lambda: 11)
    assert kafka_jars.why_no_kafka(places) == "java is 11, Kafka needs 17"
    monkeypatch.setattr(kafka_jars, "java_version", lambda: 17)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert "no mvn" in str(kafka_jars.why_no_kafka(places))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://127.0.0.1:1/?w=majority", "mongodb://127.0.0.1:1"),
        ("mongodb://name:word@host/db?tls=true", "mongodb://host/db"),
        ("broker:9092", "broker:9092"),
    ],
)
def test_addresses_are_shown_without_passwords(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_cluster_ids_have_kafkas_form() -> None:
    ids = {new_cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert {len(one) for one in ids} == {22}
    assert not any(one.startswith("-") for one in ids)
