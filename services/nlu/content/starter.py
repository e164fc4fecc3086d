"""The starter pack by itself, without a shop: what `prat nlu` teaches and tests when none is named."""

from datetime import datetime, time

from libs.contracts.content import (
    LANGUAGES,
    ByLanguage,
    Merchant,
    Opening,
    OpeningHours,
    PackPublished,
)
from libs.kit.wording import variables_in
from services.nlu.content.packs import published, starter_sources

RETAIL = "retail"
"""The name of the starter pack."""

ALWAYS = OpeningHours(openings=(Opening(weekdays=tuple(range(7)), opens=time(0), closes=time(0)),))


def starter_pack(now: datetime) -> PackPublished:
    """The starter pack as published by a shop that left every field of its form as it was."""
    topics = [source.topic for source in starter_sources().values()]
    wanted = {
        name
        for topic in topics
        for texts in topic.answers.values()
        for text in texts.values()
        for name in variables_in(text)
    }
    facts = {name: _everywhere(f"[{name}]") for name in sorted(wanted)}
    return published(nobody(facts), topics, now, {})


def bare_of(pack: PackPublished) -> PackPublished:
    """What `pack` would be without a topic of the merchant's own."""
    topics = [source.topic for source in starter_sources().values()]
    return published(pack.merchant, topics, pack.occurred_at, {})


def nobody(facts: dict[str, ByLanguage]) -> Merchant:
    """A shop without anything of its own but these facts."""
    return Merchant(
        id=RETAIL,
        name="[merchant_name]",
        organisation_number="",
        address="",
        provider="[provider]",
        colour="#000000",
        languages=LANGUAGES,
        time_zone="Europe/Oslo",
        origins=(),
        notice_url={},
        welcome={},
        hours=ALWAYS,
        skills={},
        default_skill="general",
        facts=facts,
    )


def _everywhere(text: str) -> ByLanguage:
    return dict.fromkeys(LANGUAGES, text)
