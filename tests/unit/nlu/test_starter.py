"""The starter pack itself: every reference in it leads somewhere, and every topic is taught enough."""

from dataclasses import replace

import pytest

from libs.contracts.content import LANGUAGES, Topic
from services.nlu.content.packs import starter_sources
from services.nlu.content.references import topic_references
from services.nlu.content.starter import nobody
from services.nlu.dialogue.scene import OTHER

SOURCES = starter_sources()
FEWEST = 30


@pytest.mark.parametrize("key", SOURCES)
def test_what_a_topic_names_is_there(key: str) -> None:
    as_own = {name: replace(source, own=True) for name, source in SOURCES.items()}
    assert [*topic_references(as_own[key], nobody({}), as_own)] == []


@pytest.mark.parametrize(
    "topic",
    [one.topic for one in SOURCES.values() if one.topic.key != OTHER],
    ids=lambda topic: topic.key,
)
def test_a_topic_is_taught_enough_in_every_language(topic: Topic) -> None:
    assert {language: len(topic.examples[language]) >= FEWEST for language in LANGUAGES} == (
        dict.fromkeys(LANGUAGES, True)
    )
