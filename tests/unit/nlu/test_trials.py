"""Before and after: what a trial counts, and what it warns of."""

from pathlib import Path

import pytest

from libs.contracts.content import Language, PackPublished
from services.nlu.authoring.trials import Hear, Quality, Score, ask, compare, quality
from services.nlu.content.packs import pack_of_texts
from services.nlu.dialogue.scene import FALLBACK
from services.nlu.dialogue.state import Candidate, Understanding
from tests.unit.nlu.small import MERCHANT, NOW, STARTER, small_starter

__all__ = ["small_starter"]


@pytest.fixture
def pack(small_starter: Path) -> PackPublished:
    """The small pack with three tests of its returns."""
    more = "  - {say: want my money back, language: en}\n  - {say: vill returnera, language: sv}\n"
    texts = {"merchant.yaml": MERCHANT, "topics/returns.yaml": STARTER["returns"] + more}
    return pack_of_texts(texts, {}, NOW)


def says(*known: str, confidence: float = 0.9, otherwise: str = FALLBACK) -> Hear:
    """A brain that knows returns by these words; all else is `otherwise`."""

    def hear(text: str, language: Language) -> Understanding:
        topic = next(("returns" for word in known if word in text), otherwise)
        near = Candidate(topic if topic != FALLBACK else "greeting", confidence)
        return Understanding(language, topic, confidence, (near,))

    return hear


def test_only_tests_of_the_shops_languages_are_asked(pack: PackPublished) -> None:
    lines = ask(pack, says())
    assert [line.say for line in lines] == [
        "heisann hei", "hvordan sender jeg tilbake", "can i send back", "want my money back",
    ]  # fmt: skip


def test_what_passed_before_and_not_after_is_named(pack: PackPublished) -> None:
    before, after = ask(pack, says("send", "tilbake")), ask(pack, says("tilbake", "money"))
    result = compare(before, after, pack)
    rows = {row.topic: row for row in result.rows}
    assert (rows["returns"].before, rows["returns"].after) == (Score(2, 3), Score(2, 3))
    assert rows["greeting"].after == Score(0, 1)
    assert [line.say for line in result.worse] == ["can i send back"]
    assert [line.say for line in result.failing] == ["heisann hei", "can i send back"]


def test_a_topic_without_tests_before_has_no_score_there(pack: PackPublished) -> None:
    lines = ask(pack, says("send"))
    only = [line for line in lines if line.topic == "greeting"]
    rows = {row.topic: row for row in compare(only, lines, pack).rows}
    assert rows["returns"].before is None


def test_coverage_and_wrong_answers(pack: PackPublished) -> None:
    assert quality(ask(pack, says("send", "back", otherwise="returns"))) == Quality(4, 3, 1.0, 0.25)
    assert quality(ask(pack, says("back"))) == Quality(4, 2, 0.5, 0.0)
    assert quality([]) == Quality(0, 0, 0.0, 0.0)


def test_something_else_is_no_answer(pack: PackPublished) -> None:
    assert quality(ask(pack, says(otherwise="other_question"))).coverage == 0.0


def test_topics_that_are_taken_for_each_other(pack: PackPublished) -> None:
    lines = ask(pack, says("tilbake", otherwise="greeting"))
    mixed = compare(lines, lines, pack).mixed
    assert [(one.expected, one.got, len(one.says)) for one in mixed] == [("returns", "greeting", 2)]


def test_thin_and_alike_topics_are_hinted_at(pack: PackPublished) -> None:
    result = compare([], [], pack)
    assert {(one.topic, one.language, one.examples) for one in result.thin} >= {
        ("returns", "nb", 5), ("greeting", "en", 5),
    }  # fmt: skip
    assert "other_question" not in {one.topic for one in result.thin}
    twin = pack.topics[1].model_copy(update={"key": "twin", "examples": {"nb": ("Hei!",)}})
    doubled = pack.model_copy(update={"topics": (*pack.topics, twin)})
    (alike,) = compare([], [], doubled).alike
    assert (alike.language, alike.topics) == ("nb", ("greeting", "twin"))
