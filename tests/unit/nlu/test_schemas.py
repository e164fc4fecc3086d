"""The published schemas take what the loader takes, with the liberties of YAML, and no more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.nlu.content import packs
from services.nlu.content.schemas import merchant_schema, topic_schema
from services.nlu.content.yamlfile import YamlFile
from tests.unit.nlu.small import MERCHANT, STARTER

MERCHANTS = Path(__file__).parents[3] / "deploy" / "demo" / "merchants"
TOPIC = Draft202012Validator(topic_schema())
SHOP = Draft202012Validator(merchant_schema())


def data_of(text: str) -> dict[str, Any]:
    """What a text says."""
    return YamlFile(Path("x.yaml"), text).data


def test_the_schemas_are_schemas() -> None:
    for validator in (TOPIC, SHOP):
        validator.check_schema(validator.schema)
        for name, rule in validator.schema["properties"].items():
            assert rule["description"].endswith("."), name


@pytest.mark.parametrize("key", STARTER)
def test_right_topics_are_right(key: str) -> None:
    assert list(TOPIC.iter_errors(data_of(STARTER[key]))) == []


def test_a_right_merchant_is_right() -> None:
    assert list(SHOP.iter_errors(data_of(MERCHANT))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("title"),
        lambda data: data.update(intakes=[]),
        lambda data: data.update(action="answers"),
        lambda data: data["title"].update(no="Retur"),
        lambda data: data["examples"].update(nb="retur"),
        lambda data: data["intake"][0].update(kind="mail"),
    ],
)
def test_wrong_topics_are_wrong(change: Callable[[dict[str, Any]], Any]) -> None:
    data = data_of(STARTER["returns"])
    change(data)
    assert list(TOPIC.iter_errors(data))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(colour="green"),
        lambda data: data.update(retention_days=91),
        lambda data: data["hours"]["openings"][0].update(opens="7"),
        lambda data: data["facts"].update(days={"no": "30"}),
        lambda data: data["facts"].update(days=["30"]),
        lambda data: data.pop("name"),
    ],
)
def test_wrong_merchants_are_wrong(change: Callable[[dict[str, Any]], Any]) -> None:
    data = data_of(MERCHANT)
    change(data)
    assert list(SHOP.iter_errors(data))


@pytest.mark.parametrize("path", sorted(packs.STARTER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_starter_pack_is_right(path: Path) -> None:
    assert [error.message for error in TOPIC.iter_errors(YamlFile(path).data)] == []


@pytest.mark.parametrize("path", sorted(MERCHANTS.glob("*/merchant.yaml")), ids=str)
def test_the_demo_merchants_are_right(path: Path) -> None:
    assert [error.message for error in SHOP.iter_errors(YamlFile(path).data)] == []
