"""One turn in the making: the answer's words, its buttons, and where the dialogue stands after it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from libs.contracts.bodies import Button, Card, MessageBody
from libs.contracts.bot import Outcome
from libs.contracts.content import PackPublished, Topic
from services.nlu.dialogue import Dialogue, Offer, Turn, Understanding
from services.nlu.wording import fill, in_language, merchant_variables

FALLBACK = "fallback"
"""The topic of what the bot does not understand; its examples teach it what that looks like."""

OTHER = "other_question"
"""The topic whose intake form serves every question that has no form of its own."""

SMALL_TALK = (FALLBACK, "greeting", "thanks", OTHER)
"""Topics that an order number outweighs: "hi, 10482217" is about the order."""


def at_rest(dialogue: Dialogue) -> Dialogue:
    """The dialogue when nothing is waited for: after an answer, or when a human took over."""
    return replace(dialogue, awaiting=None, fallbacks=0, unknown_orders=0)


def order_number(dialogue: Dialogue, heard: Understanding) -> str | None:
    """The number just given, or else the one given before, unless it was the wrong one."""
    found = heard.entities
    useless = dialogue.awaiting or found.other_order or found.number_like
    return found.order_number or (None if useless else dialogue.order_number)


@dataclass(frozen=True)
class Scene:
    """What the parts of a turn are made from."""

    dialogue: Dialogue
    heard: Understanding
    pack: PackPublished
    topic: Topic
    now: datetime

    @property
    def today(self) -> date:
        """The day it is at the merchant's place."""
        return self.now.astimezone(ZoneInfo(self.pack.merchant.time_zone)).date()

    def say(self, name: str, **values: str) -> str:
        """The topic's answer of this name, in the visitor's language, filled in."""
        language = self.heard.language
        known = {"order_number": order_number(self.dialogue, self.heard) or ""}
        variables = merchant_variables(self.pack.merchant, language) | known | values
        return fill(in_language(self.topic.answers.get(name, {}), language), variables)

    def form(self, topic: str | None) -> str:
        """The intake form that fits: the topic's own, or the one for everything else."""
        known = self.pack.topic(topic or "")
        return known.key if known and known.intake else OTHER

    def turn(
        self, text: str, outcome: Outcome, cards: tuple[Card, ...] = (), **state: object
    ) -> Turn:
        """A turn in which the bot answers or asks; `state` is what differs from a dialogue at rest."""
        buttons = self.topic.buttons.get(self.heard.language, ())
        return Turn(
            body=MessageBody(
                text=text,
                language=self.heard.language,
                buttons=tuple(Button(text=button) for button in buttons),
                cards=cards,
            ),
            intent=self.topic.key,
            outcome=outcome,
            confidence=self.heard.confidence,
            dialogue=self._next(**state),
        )

    def offer(self, text: str, offer: Offer, **state: object) -> Turn:
        """A turn that offers a person; the widget adds the button that opens the form."""
        return Turn(
            body=MessageBody(text=text, language=self.heard.language),
            intent=self.topic.key,
            outcome=Outcome.HANDOFF_OFFERED,
            confidence=self.heard.confidence,
            dialogue=self._next(**state),
            offer=offer,
        )

    def _next(self, **state: object) -> Dialogue:
        lasting = self.topic.key not in SMALL_TALK and self.topic.action != "handoff"
        # What was not understood may be no language at all: it is answered in the one it looks
        # like, but the conversation keeps its own.
        lost = self.topic.key == FALLBACK
        calm = replace(
            at_rest(self.dialogue),
            language=self.dialogue.language if lost else self.heard.language,
            turns=self.dialogue.turns + 1,
            topic=self.topic.key if lasting else self.dialogue.topic,
        )
        return replace(calm, **state)  # type: ignore[arg-type]
