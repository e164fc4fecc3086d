"""The dialogue's rules: what the bot finds out and says next. Pure: no I/O, no clock.

`consider` says what a message does and what must be found out first (an order, products);
`respond` makes the turn from it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from libs.contracts.content import Language, PackPublished
from libs.contracts.locale import language_of_locale
from services.nlu.dialogue.answers import (
    about_products,
    ask,
    clarify,
    no_fact,
    not_understood,
    otherwise,
    person,
    plain_answer,
    remark,
)
from services.nlu.dialogue.hearing import Hearing
from services.nlu.dialogue.lookups import about_order, about_own
from services.nlu.dialogue.moves import Act, Move, product_topic
from services.nlu.dialogue.phrases import Phrase
from services.nlu.dialogue.resuming import with_what_was_left
from services.nlu.dialogue.scene import FALLBACK, Scene, at_rest
from services.nlu.dialogue.slots import missing
from services.nlu.dialogue.state import Dialogue, Finding, Turn, Understanding
from services.nlu.reading.spoken import Spoken

REMARKS: Mapping[Act, Phrase] = {
    Act.CANCEL: "cancelled",
    Act.NOTHING_TO_CANCEL: "nothing_to_cancel",
    Act.REFUSE: "refused",
}
"""What is answered to messages that steer the dialogue and ask nothing."""

LOOKED_UP: Mapping[str, Callable[[Scene, Finding], Turn]] = {
    "order_lookup": about_order, "webhook": about_own, "product_search": about_products,
}  # fmt: skip
"""The actions whose turns are made from what was found out."""

__all__ = ["Bot", "at_rest", "consider", "hear", "listen", "respond"]


class Detector(Protocol):
    """Tells languages apart."""

    def spoken(self, text: str, before: Spoken, among: Iterable[Language]) -> Spoken:
        """What a conversation speaks with a text."""


class Bot(Protocol):
    """A published pack, and the understanding of messages that was learned from it."""

    @property
    def pack(self) -> PackPublished:
        """The pack."""

    @property
    def detector(self) -> Detector:
        """Which language a message is in."""

    def understand(self, text: str, prior: Language) -> Understanding:
        """What a text means."""


def listen(known: Dialogue | None, locale: str, pack: PackPublished) -> Dialogue:
    """The dialogue before a message; a page whose language was switched speaks the new one."""
    if known and known.locale == locale:
        return known
    language = language_of_locale(locale, pack.merchant.languages)
    return replace(known or Dialogue(language), language=language, locale=locale, leaning=None)


def hear(bot: Bot, dialogue: Dialogue, text: str) -> Understanding:
    """What a message means, and the language that the conversation has with it."""
    languages = bot.pack.merchant.languages
    page = language_of_locale(dialogue.locale, languages)
    before = Spoken(dialogue.language, page, dialogue.leaning)
    spoken = bot.detector.spoken(text, before, languages)
    heard = bot.understand(text, spoken.language)
    return replace(heard, text=text, language=spoken.language, leaning=spoken.leaning)


def consider(
    dialogue: Dialogue,
    heard: Understanding,
    pack: PackPublished,
    now: datetime,
    online: Mapping[str, int] | None = None,
) -> Move:
    """What a message does in its dialogue; its `errand` has to be done before `respond`.

    `online` is how many agents are there for each skill; None while nobody has said.
    """
    return Hearing(dialogue, heard, pack, now, online).move()


def respond(move: Move, finding: Finding) -> Turn:
    """The bot's turn; `finding` is what the errand brought."""
    products = product_topic(move.scene.pack)
    if isinstance(finding, tuple) and finding and products and move.scene.topic.key == FALLBACK:
        return about_products(replace(move.scene, topic=products), finding)
    if move.act in REMARKS:
        return remark(move.scene, REMARKS[move.act])
    if move.act is Act.CLARIFY:
        return _clarified(move)
    if move.act is Act.NEITHER:
        return otherwise(move.scene)
    about = no_fact(move.scene) if move.act is Act.NO_FACT else _about_topic(move.scene, finding)
    return with_what_was_left(move.scene, about)


def _about_topic(scene: Scene, finding: Finding) -> Turn:
    wanted = missing(scene.pack, scene.topic, scene.facts)
    if wanted:
        return ask(scene, wanted)
    if scene.topic.key == FALLBACK:
        return not_understood(scene)
    if scene.topic.action in LOOKED_UP:
        return LOOKED_UP[scene.topic.action](scene, finding)
    return person(scene) if scene.topic.action == "handoff" else plain_answer(scene)


def _clarified(move: Move) -> Turn:
    """A topic that waits for a fact goes on waiting behind the question."""
    turn, before = clarify(move.scene, move.choices), move.scene.dialogue
    after = replace(turn.dialogue, awaiting=before.awaiting, left=before.left, paused=before.paused)
    return replace(turn, dialogue=replace(after, facts=move.scene.facts))
