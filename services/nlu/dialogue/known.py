"""What the dialogue knows already of the facts that a form asks for: nobody is asked twice. Pure."""

from collections.abc import Mapping

from libs.contracts.content import PackPublished
from services.nlu.reading.entities import Entities

TELLING = ("order_number", "email")
"""Kinds of fields that say what belongs in them; a text may be anything."""


def known_for(
    pack: PackPublished, form: str, facts: Mapping[str, str], found: Entities
) -> dict[str, str]:
    """Answers to the form of a topic, by key of the field: what was said earlier under that key, or
    something of the field's kind, the newest first.
    """
    topic = pack.topic(form)
    kinds = {fact.key: fact.type for one in pack.topics for fact in one.needs}
    by_kind: dict[str, str] = {kinds[key]: value for key, value in facts.items() if key in kinds}
    by_kind |= {one.type: one.value for one in found.found}
    known = {
        field.key: facts.get(field.key) or _of_kind(by_kind, field.kind)
        for field in (topic.intake if topic else ())
    }
    return {key: value for key, value in known.items() if value}


def _of_kind(by_kind: Mapping[str, str], kind: str) -> str:
    return by_kind.get(kind, "") if kind in TELLING else ""
