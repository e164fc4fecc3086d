"""Differences between two packs: every value that differs, and nothing that does not."""

from pathlib import Path
from typing import Any

import pytest

from libs.contracts.content import PackPublished, Topic
from services.nlu.authoring.previews import preview_id, preview_of, real_id
from services.nlu.content.changes import Change, changes
from services.nlu.content.packs import pack_of_texts
from tests.unit.nlu.small import MERCHANT, NOW, small_starter

__all__ = ["small_starter"]


@pytest.fixture
def pack(small_starter: Path) -> PackPublished:
    """The small pack."""
    return pack_of_texts({"merchant.yaml": MERCHANT}, {}, NOW)


def with_topic(pack: PackPublished, key: str, **values: Any) -> PackPublished:
    """The pack with one topic changed."""
    made = [
        Topic.model_validate(one.model_dump() | values) if one.key == key else one
        for one in pack.topics
    ]
    return pack.model_copy(update={"topics": tuple(made)})


def test_the_same_content_has_no_differences(pack: PackPublished) -> None:
    assert changes(pack, pack.model_copy(update={"occurred_at": NOW})) == []


def test_texts_lists_and_fields_are_told_apart(pack: PackPublished) -> None:
    topic = pack.topic("returns")
    assert topic is not None
    fields = topic.model_dump(exclude={"key"})
    fields["answers"]["answer"]["nb"] = "Ny."
    fields["answers"]["closed"] = {"nb": "Stengt."}
    fields["examples"]["en"] = ("return", "new one", *fields["examples"]["en"][2:])
    fields["intake"][0]["required"] = False
    fields["needs"] = ()
    found = {(one.where, one.kind, one.before, one.after) for one in changes(
        pack, with_topic(pack, "returns", **fields)
    )}  # fmt: skip
    old = topic.answers["answer"]["nb"]
    assert {one for one in found if not one[0].startswith("needs")} == {
        ("answers.answer.nb", "changed", old, "Ny."),
        ("answers.closed.nb", "added", None, "Stengt."),
        ("examples.en", "removed", "send it back", None),
        ("examples.en", "added", None, "new one"),
        ("intake.email.required", "removed", "True", None),
    }
    assert any(one[0].startswith("needs.order_number") for one in found)


def test_topics_and_facts_come_and_go(pack: PackPublished) -> None:
    other = pack_of_texts({"merchant.yaml": MERCHANT.replace(": 30", ": 60")}, {}, NOW)
    fewer = other.model_copy(update={"topics": other.topics[1:]})
    found = changes(pack, fewer)
    assert found[-1] == Change("fallback", "", "removed", before="Not understood")
    assert Change(None, "facts.return_days.nb", "changed", "30", "60") in found
    assert changes(fewer, other) == [Change("fallback", "", "added", after="Not understood")]


def test_a_preview_is_another_merchant_for_one_page(pack: PackPublished) -> None:
    told = {"case_webhook_url": "https://fjellbekk.example/prat/cases"}
    pack = pack.model_copy(update={"merchant": pack.merchant.model_copy(update=told)})
    made = preview_of(pack, "http://127.0.0.1:8094", lambda: NOW)
    assert made.merchant_id == made.merchant.id == preview_id("fjellbekk") == "fjellbekk-preview"
    assert real_id(made.merchant_id) == real_id("fjellbekk") == "fjellbekk"
    assert made.merchant.origins == ("http://127.0.0.1:8094",)
    assert (made.merchant.retention_days, made.merchant.case_cap_days) == (1, 1)
    assert made.merchant.case_webhook_url is None
    assert made.topics == pack.topics
    assert made.sources == {}
    assert made.event_id != pack.event_id
