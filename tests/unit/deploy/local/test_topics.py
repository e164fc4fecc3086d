"""Topics on the broker against topics in the contracts."""

from dataclasses import replace

import pytest

from deploy.kafka.topics import Found, created_names, verify, wanted_topics
from deploy.local.errors import ContractBroken
from libs.contracts.topics import CONTENT, QUEUE, TOPICS, VISITOR

ALL = wanted_topics()


def as_found() -> dict[str, Found]:
    """A broker that has exactly what is wanted."""
    return {w.name: Found(w.partitions, True, dict(w.config)) for w in ALL}


def changed(found: Found, key: str, value: str) -> Found:
    """The same topic with one other configuration value."""
    return replace(found, config={**found.config, key: value})


def test_every_contract_topic_and_every_dead_letter_topic_is_wanted() -> None:
    names = [wanted.name for wanted in ALL]
    assert names[: len(TOPICS)] == [topic.name for topic in TOPICS]
    assert names[len(TOPICS) :] == [
        f"prat.dlq.{s}" for s in ("gateway", "nlu", "handoff", "retention", "analytics")
    ]


def test_topics_expire_by_the_brokers_clock_in_small_segments() -> None:
    visitor = next(wanted for wanted in ALL if wanted.name == VISITOR.name)
    assert visitor.config == {
        "cleanup.policy": "delete",
        "retention.ms": str(VISITOR.retention_ms),
        "segment.ms": "3600000",
        "segment.bytes": str(64 * 1024 * 1024),
        "message.timestamp.type": "LogAppendTime",
        "file.delete.delay.ms": "60000",
        "max.message.bytes": str(512 * 1024 + 128 * 1024),
    }


def test_a_compacted_topic_keeps_its_newest_for_ever() -> None:
    content = next(wanted for wanted in ALL if wanted.name == CONTENT.name)
    assert content.config["cleanup.policy"] == "compact"
    assert content.config["retention.ms"] == "-1"
    queue = next(wanted for wanted in ALL if wanted.name == QUEUE.name)
    assert queue.config["cleanup.policy"] == "compact,delete"
    assert queue.config["retention.ms"] == str(72 * 3600 * 1000)


def test_a_broker_as_the_contracts_say_is_fine() -> None:
    verify(ALL, as_found())


def test_every_difference_is_told_with_a_fix() -> None:
    found = as_found()
    del found["prat.bot.v1"]
    found["prat.case.v1"] = replace(found["prat.case.v1"], partitions=1)
    found["prat.visitor.v1"] = changed(found["prat.visitor.v1"], "retention.ms", "604800000")
    found["prat.content.v1"] = changed(found["prat.content.v1"], "cleanup.policy", "delete")
    with pytest.raises(ContractBroken) as caught:
        verify(ALL, found)
    assert caught.value.cause.splitlines()[1:] == [
        "  prat.visitor.v1: retention.ms is 604800000, the contract says 259200000",
        "  prat.bot.v1: missing",
        "  prat.case.v1: 1 partitions, the contract says 12",
        "  prat.content.v1: cleanup.policy is delete, the contract says compact",
    ]
    assert "kafka-configs.sh" in caught.value.fix


def test_topics_that_exist_are_tolerated_and_other_errors_are_not() -> None:
    assert created_names([("a", 0, None), ("b", 36, "exists")]) == ["a"]
    with pytest.raises(ContractBroken, match="refused topic c: Unknown topic config"):
        created_names([("c", 40, "Unknown topic config name")])
