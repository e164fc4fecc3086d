"""The dialogue's rules: what the bot finds out and says next. Pure: no I/O, no clock.

`errand` says what must be found out first (an order, products); `respond` makes the turn from it.
"""

from dataclasses import replace
from datetime import datetime

from libs.contracts.bot import Outcome
from libs.contracts.content import PackPublished, Topic
from services.nlu.answers import about_order, about_products, not_understood
from services.nlu.dialogue import (
    Dialogue,
    Errand,
    Finding,
    LookUp,
    Offer,
    Search,
    Turn,
    Understanding,
)
from services.nlu.scene import FALLBACK, SMALL_TALK, Scene, at_rest, order_number
from services.nlu.wording import language_of_locale

__all__ = ["at_rest", "errand", "listen", "respond"]


def listen(known: Dialogue | None, locale: str, pack: PackPublished) -> Dialogue:
    """The dialogue before a message; a page whose language was switched speaks the new one."""
    if known and known.locale == locale:
        return known
    language = language_of_locale(locale, pack.merchant.languages)
    return replace(known or Dialogue(language), language=language, locale=locale)


def errand(dialogue: Dialogue, heard: Understanding, pack: PackPublished) -> Errand:
    """What has to be found out before `respond` can answer; None for most messages."""
    topic = topic_of(dialogue, heard, pack)
    if topic.action == "order_lookup":
        number = order_number(dialogue, heard)
        return LookUp(number) if number else None
    if topic.action == "product_search":
        return Search()
    if topic.key == FALLBACK and _first_with(pack, "product_search"):
        return Search(guess=True)
    return None


def respond(
    dialogue: Dialogue, heard: Understanding, pack: PackPublished, finding: Finding, now: datetime
) -> Turn:
    """The bot's turn; `finding` is what the errand brought."""
    topic = topic_of(dialogue, heard, pack)
    if topic.key == FALLBACK and isinstance(finding, tuple) and finding:
        topic = _first_with(pack, "product_search") or topic
    scene = Scene(dialogue, heard, pack, topic, now)
    if topic.key == FALLBACK:
        return not_understood(scene)
    match topic.action:
        case "order_lookup":
            return about_order(scene, finding)
        case "product_search":
            return about_products(scene, finding)
        case "handoff":
            return scene.offer(scene.say("answer"), Offer(scene.form(dialogue.topic), "requested"))
        case "answer":
            first = dialogue.turns == 0 and "first" in topic.answers
            return scene.turn(scene.say("first" if first else "answer"), Outcome.ANSWERED)


def topic_of(dialogue: Dialogue, heard: Understanding, pack: PackPublished) -> Topic:
    """The topic that a message is about, seen in its dialogue."""
    meant = pack.topic(heard.intent) or pack.topic(FALLBACK) or pack.topics[0]
    tracking = _first_with(pack, "order_lookup")
    if tracking and _is_about_order(dialogue, heard, meant, tracking):
        return tracking
    return meant


def _is_about_order(
    dialogue: Dialogue, heard: Understanding, meant: Topic, tracking: Topic
) -> bool:
    waiting = dialogue.awaiting == tracking.key
    going_on = waiting or dialogue.topic == tracking.key
    if meant is tracking:
        return True
    if heard.entities.order_number:
        has_own_way = bool(meant.intake) or meant.action == "handoff"
        return meant.key in SMALL_TALK or (going_on and not has_own_way)
    corrected = going_on and heard.entities.other_order
    return meant.key == FALLBACK and (waiting or corrected)


def _first_with(pack: PackPublished, action: str) -> Topic | None:
    return next((topic for topic in pack.topics if topic.action == action), None)
