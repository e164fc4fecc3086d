"""Editing by code: the changed lines change, every other line keeps every character."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlu.content.editing import (
    NotEditable,
    add_example,
    become,
    remove_example,
    set_answer,
    set_fact,
    set_value,
)
from services.nlu.content.yamlfile import YamlFile
from services.nlu.content.yamltext import document

TOPIC = """\
# What this file is.
key: gift_card   # as the file's name
title: {nb: Gavekort, sv: 'Presentkort', en: "Gift cards"}

examples:
  # Short ones first.
  nb:
    - gavekort
    - selger dere gavekort   # asked often
    - "hva: nå"

  sv: [presentkort, "säljer ni presentkort"]
answers:
  answer:
    nb: "Ja, fra {price} kr."
    sv: >
      Ja, från
      {price} kr.
    en: |
      Yes.
# Below the answers.
intake:
  - key: email
    kind: email     # checked by the form
    label: {nb: E-post}
  - kind: text
    key: name
    label: {nb: Navn}
    why:
      nb: Derfor.
# The end.
"""


def data_of(text: str) -> dict[str, Any]:
    """What a text says."""
    return YamlFile(Path("x.yaml"), text).data


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came."""
    old, new = before.splitlines(), after.splitlines()
    return (
        [line for line in old if line not in new],
        [line for line in new if line not in old],
    )


def test_an_answer_changes_its_line_and_keeps_its_quotes() -> None:
    after = set_answer(TOPIC, "answer", "nb", 'Ja: "alt" går.')
    assert changed_lines(TOPIC, after) == (
        ['    nb: "Ja, fra {price} kr."'],
        ['    nb: "Ja: \\"alt\\" går."'],
    )


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_folded_answer_becomes_one_line(language: str) -> None:
    after = set_answer(TOPIC, "answer", language, "Kort.\nTo.")
    assert data_of(after)["answers"]["answer"][language] == "Kort.\nTo."
    assert "# Below the answers." in after


def test_a_new_answer_and_language_stand_at_the_end_of_their_place() -> None:
    after = set_answer(TOPIC, "closed", "nb", "Vi har stengt.")
    assert changed_lines(TOPIC, after) == ([], ["  closed: {nb: Vi har stengt.}"])
    after = set_answer(TOPIC, "answer", "fi", "Kyllä!")
    assert changed_lines(TOPIC, after) == ([], ["    fi: Kyllä!"])
    assert after.index("fi: Kyllä!") < after.index("# Below")


def test_examples_come_and_go() -> None:
    after = add_example(TOPIC, "nb", "kan jeg: betale")
    assert changed_lines(TOPIC, after) == ([], ['    - "kan jeg: betale"'])
    assert add_example(TOPIC, "nb", "GAVEKORT") == TOPIC
    assert remove_example(after, "nb", "kan jeg: betale") == TOPIC
    gone = remove_example(TOPIC, "nb", "selger dere gavekort")
    assert changed_lines(TOPIC, gone) == (["    - selger dere gavekort   # asked often"], [])
    assert remove_example(TOPIC, "nb", "not there") == TOPIC


def test_examples_in_one_line_stay_in_one_line() -> None:
    after = add_example(TOPIC, "sv", "ett, två")
    assert '  sv: [presentkort, "säljer ni presentkort", "ett, två"]' in after
    assert '  sv: ["säljer ni presentkort"]' in remove_example(TOPIC, "sv", "presentkort")


def test_a_language_without_examples_gets_its_first() -> None:
    after = add_example(TOPIC, "fi", "lahjakortti")
    assert changed_lines(TOPIC, after) == ([], ["  fi:", "    - lahjakortti"])
    assert data_of(remove_example(after, "fi", "lahjakortti"))["examples"]["fi"] == []


def test_form_fields_are_known_by_their_key() -> None:
    fields = data_of(TOPIC)["intake"]
    after = set_value(TOPIC, ("intake",), [fields[1], {"key": "order", "kind": "order_number"}])
    went, came = changed_lines(TOPIC, after)
    assert went == [
        "  - key: email", "    kind: email     # checked by the form", "    label: {nb: E-post}",
    ]  # fmt: skip
    assert came == ["  - {key: order, kind: order_number}"]
    renamed = set_value(TOPIC, ("intake", 1, "label", "nb"), "Fullt navn")
    assert changed_lines(TOPIC, renamed) == (
        ["    label: {nb: Navn}"],
        ["    label: {nb: Fullt navn}"],
    )


def test_the_first_pair_of_an_item_can_go() -> None:
    after = set_value(TOPIC, ("intake", 1, "kind"), None)
    assert data_of(after)["intake"][1] == {
        "key": "name", "label": {"nb": "Navn"}, "why": {"nb": "Derfor."},
    }  # fmt: skip
    assert "# checked by the form" in after


def test_a_fact_may_be_plain_or_by_language() -> None:
    text = "id: a\nfacts:\n  days: 30   # by law\n"
    assert set_fact(text, "days", "60") == 'id: a\nfacts:\n  days: "60"   # by law\n'
    by_language = set_fact(text, "days", {"nb": "tretti", "sv": "trettio"})
    assert data_of(by_language)["facts"]["days"] == {"nb": "tretti", "sv": "trettio"}
    assert set_fact("id: a", "days", "x") == "id: a\nfacts: {days: x}"


def test_what_is_shared_by_an_anchor_is_left_to_people() -> None:
    text = "key: a\nanswers:\n  one: &x {nb: Ja}\n  two: *x\n"
    with pytest.raises(NotEditable) as caught:
        set_answer(text, "two", "nb", "Nei")
    assert "edit its text" in caught.value.fix


def test_the_same_values_are_the_same_text() -> None:
    assert become(TOPIC, data_of(TOPIC)) == TOPIC


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda text: text.replace("\r", " ")
)
lists = st.lists(texts, max_size=4)
languages = st.sampled_from(["nb", "sv", "da", "fi", "en"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(languages, lists, max_size=3), st.dictionaries(languages, texts, max_size=3))
def test_any_change_says_what_was_wanted_and_keeps_the_rest(
    examples: dict[str, list[str]], answer: dict[str, str]
) -> None:
    wanted = data_of(TOPIC) | {"examples": examples, "answers": {"answer": answer}}
    after = become(TOPIC, wanted)
    assert data_of(after) == wanted
    head, tail = TOPIC.split("examples:", maxsplit=1)[0], TOPIC[TOPIC.index("intake:") :]
    assert after.startswith(head)
    assert after.endswith(tail)


@settings(max_examples=60, deadline=None)
@given(texts.filter(bool), st.integers(0, 2))
def test_one_example_changes_only_its_own_line(text: str, place: int) -> None:
    examples = data_of(TOPIC)["examples"]["nb"]
    wanted = [*examples[:place], text, *examples[place + 1 :]]
    before, after = (
        TOPIC.splitlines(),
        set_value(TOPIC, ("examples", "nb"), wanted).split("\n")[:-1],
    )
    assert data_of("\n".join(after))["examples"]["nb"] == wanted
    assert len(after) == len(before)
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= 1


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        texts | st.integers() | st.booleans(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=12,
    )
)
def test_whatever_is_written_is_read_again(value: Any) -> None:
    assert data_of(document({"value": value})) == {"value": value}
