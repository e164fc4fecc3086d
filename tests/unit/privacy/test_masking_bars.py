"""The bars of the masking, on two sets of marked messages in five languages."""

from functools import cache

import pytest

from libs.privacy.masking import mask
from services.nlu.reading.entities import find_entities
from tests.bench.entities import TYPES, cases
from tests.bench.masking_sets import SETS, Line, Score, own, score, spread

LEAK, LEAKING_MESSAGES, OVER_MASKED, SPREAD = 0.06, 0.15, 0.08, 0.04
RECALL = {"ORDER_NUMBER": 0.98, "TRACKING_NUMBER": 0.98, "EMAIL": 0.98, "PERSON": 0.80}


@cache
def lines(name: str) -> tuple[Line, ...]:
    return tuple(own(name))


@cache
def scores(name: str) -> dict[str, Score]:
    return score(lines(name))


@pytest.mark.parametrize("name", SETS)
def test_little_leaks_and_little_is_damaged(name: str) -> None:
    found = scores(name)["all"]
    assert found.leak <= LEAK, found.leaks
    assert found.leaking_messages <= LEAKING_MESSAGES, found.leaks
    assert found.over_masked <= OVER_MASKED, found.damage


@pytest.mark.parametrize("name", SETS)
def test_every_language_is_masked_alike(name: str) -> None:
    assert set(scores(name)) == {"all", "nb", "sv", "da", "fi", "en"}
    assert spread(scores(name)) <= SPREAD


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("kind", RECALL)
def test_what_shops_hear_most_is_found(name: str, kind: str) -> None:
    found = scores(name)["all"]
    assert found.kinds[kind] >= 20
    assert found.recall(kind) >= RECALL[kind], found.leaks


@pytest.mark.parametrize("name", SETS)
def test_the_language_is_only_a_hint(name: str) -> None:
    found = score(lines(name), lambda line: mask(line.text, None, line.context).spans)["all"]
    assert found.leak <= LEAK
    assert found.recall("PERSON") >= RECALL["PERSON"]


@pytest.mark.parametrize("name", SETS)
def test_strict_leaks_less_than_balanced(name: str) -> None:
    strict = score(
        lines(name),
        lambda line: mask(line.text, line.language, line.context, strict=True).spans,
    )["all"]
    assert strict.left <= scores(name)["all"].left
    assert strict.leak <= LEAK / 2


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", SETS)
def test_masking_again_changes_nothing(name: str, strict: bool) -> None:
    for line in lines(name):
        once = mask(line.text, line.language, line.context, strict=strict).text
        assert mask(once, line.language, line.context, strict=strict).text == once


@pytest.mark.parametrize("kind", ["dev", "second", "held_out"])
def test_what_the_bot_reads_in_a_message_is_hidden(kind: str) -> None:
    facts = 0
    for case in cases(kind, rounds=2):
        hidden = {n for s in mask(case.text, case.language).spans for n in range(s.start, s.end)}
        for one in find_entities(case.text, case.pattern).found:
            if one.type in TYPES:
                facts += 1
                value = range(one.start, one.end)
                left = [n for n in value if case.text[n].isdigit() and n not in hidden]
                assert not left, case.text
    assert facts >= 100
