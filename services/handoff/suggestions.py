"""Answers of the pack that an agent may send as they are: those of the case's topic, filled in. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.content import ByLanguage, PackPublished, Topic
from libs.contracts.locale import language_of_locale
from libs.kit.wording import fill, in_language, merchant_variables, variables_in

NOT_FOR_PEOPLE = frozenset({"closed"})
"""What the bot says because no agent is there; here one is."""


LOOKED_UP = frozenset({"order_lookup", "product_search", "webhook"})
"""Which answer of such a topic is true, the shop's own system says: none is suggested unasked."""


@dataclass(frozen=True)
class Suggestion:
    """A ready answer; `name` is its name among the topic's answers."""

    topic: str
    name: str
    title: ByLanguage
    text: str


def suggest(
    pack: PackPublished, key: str, locale: str, facts: Mapping[str, str], now: datetime
) -> list[Suggestion]:
    """The answers of a topic in the visitor's language; none with something left to fill in."""
    topic = pack.topic(key)
    if topic is None:
        return []
    language = language_of_locale(locale, pack.merchant.languages)
    known = dict(facts) | merchant_variables(pack.merchant, language, now)
    texts = {name: in_language(pack.answer(topic, name), language) for name in _names(pack, topic)}
    return [
        Suggestion(topic.key, name, topic.title, fill(text, known))
        for name, text in texts.items()
        if text and all(known.get(variable) for variable in variables_in(text))
    ]


def _names(pack: PackPublished, topic: Topic) -> Iterator[str]:
    """The names of its answers, its own first, then those of the topic that it is like."""
    lender = pack.topic(topic.like) if topic.like else None
    sources = [one for one in (topic, lender) if one and one.action not in LOOKED_UP]
    names = dict.fromkeys(name for one in sources for name in one.answers)
    yield from (name for name in names if name not in NOT_FOR_PEOPLE)
