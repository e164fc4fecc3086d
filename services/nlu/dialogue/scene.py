"""One turn in the making: the answer's words, its buttons, and where the dialogue stands after it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from libs.contracts.bodies import Button, Card, MessageBody
from libs.contracts.bot import Outcome
from libs.contracts.content import ByLanguage, PackPublished, Topic
from libs.kit.wording import fill, in_language, merchant_variables, variables_in
from services.nlu.dialogue.known import known_for
from services.nlu.dialogue.phrases import Phrase, text_of, tokens_of
from services.nlu.dialogue.slots import facts_of, still_kept, with_facts
from services.nlu.dialogue.state import AT_REST, Dialogue, Offer, Turn, Understanding

FALLBACK = "fallback"
"""The topic of what the bot does not understand; its examples teach it what that looks like."""

OTHER = "other_question"
"""The topic whose intake form serves every question that has no form of its own."""

PARTING = ("thanks", "goodbye")
"""Topics after which a visitor is not reminded of what was left open."""

SMALL_TALK = (FALLBACK, "greeting", *PARTING, OTHER)
"""Topics that an order number outweighs: "hi, 10482217" is about the order."""


def at_rest(dialogue: Dialogue, solved: str | None = None) -> Dialogue:
    """The dialogue when nothing is waited for: after an answer, or when a human took over.

    A topic that a human has solved is no longer what is talked about.
    """
    topic = None if dialogue.topic == solved else dialogue.topic
    return replace(dialogue, **AT_REST, question=None, topic=topic)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scene:
    """What the parts of a turn are made from; `dialogue` is the one before it, `facts` known by now.

    `online` is how many agents are there for each skill; None while nobody has said.
    """

    dialogue: Dialogue
    heard: Understanding
    pack: PackPublished
    topic: Topic
    now: datetime
    facts: Mapping[str, str]
    online: Mapping[str, int] | None = None

    @property
    def today(self) -> date:
        """The day it is at the merchant's place."""
        return day_at(self.pack, self.now)

    def is_open(self, topic: str) -> bool:
        """Whether agents are there for a topic: by the calendar, and online as far as is known."""
        merchant = self.pack.merchant
        staffed = self.online is None or self.online.get(merchant.skill_for(topic), 0) > 0
        return staffed and merchant.hours.is_open(self.now, merchant.time_zone)

    @property
    def order_number(self) -> str | None:
        """The order number that the topic is about."""
        facts = facts_of(self.pack, self.topic)
        keys = (fact.key for fact in facts if fact.type == "order_number")
        return next((self.facts[key] for key in keys if key in self.facts), None)

    def has(self, name: str) -> bool:
        """Whether the topic, or the one it is like, has an answer of this name."""
        return bool(self.pack.answer(self.topic, name))

    def say(self, name: str, **values: str) -> str:
        """The topic's answer of this name, in the visitor's language, filled in."""
        return self._filled(self.pack.answer(self.topic, name), **values)

    def phrase(self, name: Phrase, **values: str) -> str:
        """One of the dialogue's own sentences; the pack's fallback topic may say it differently."""
        fallback = self.pack.topic(FALLBACK)
        return self._filled((fallback and fallback.answers.get(name)) or text_of(name), **values)

    def form(self, topic: str | None) -> str:
        """The intake form that fits: the topic's own, or the one for everything else."""
        known = self.pack.topic(topic or "")
        return known.key if known and known.intake else OTHER

    def turn(
        self,
        text: str,
        outcome: Outcome,
        cards: tuple[Card, ...] = (),
        buttons: tuple[Button, ...] | None = None,
        **state: Any,
    ) -> Turn:
        """A turn in which the bot answers or asks; `state` is what differs from a dialogue at rest."""
        return Turn(
            body=MessageBody(
                text=text,
                language=self.heard.language,
                buttons=self._buttons() if buttons is None else buttons,
                cards=cards,
            ),
            intent=self.topic.key,
            outcome=outcome,
            confidence=self.heard.confidence,
            dialogue=self._next(**state),
        )

    def offer(self, text: str, offer: Offer, cards: tuple[Card, ...] = (), **state: Any) -> Turn:
        """A turn that offers a person, or to leave a message while none is there.

        The widget adds the button that opens the form; the topic's own button would be a second.
        """
        others = tuple(button for button in self._buttons() if button.action == "say")
        told = self.turn(
            f"{text}{self._when_closed(text, offer.topic)}", Outcome.HANDOFF_OFFERED, cards,
            others if cards else (), offered=offer.topic, **state,
        )  # fmt: skip
        known = known_for(self.pack, offer.topic, self.facts, self.heard.entities)
        return replace(told, offer=offer, known=known)

    def _when_closed(self, text: str, form: str) -> str:
        if self.is_open(form):
            return ""
        person = handoff_topic(self.pack)
        mine = self.say("closed")
        theirs = self._filled(person.answers.get("closed", {})) if person else ""
        said = mine if mine and mine in text else theirs or self.phrase("closed")
        shown = "" if said in text else f" {said}"
        back = self._variables()["next_opening"]
        named = not back or back in text or back in said
        return shown if named else f"{shown} {self.phrase('back')}"

    def _filled(self, texts: ByLanguage, **values: str) -> str:
        text = in_language(texts, self.heard.language)
        return fill(text, self._variables() | values) if variables_in(text) else text

    def _variables(self) -> dict[str, str]:
        merchant = merchant_variables(self.pack.merchant, self.heard.language, self.now)
        return merchant | {"order_number": ""} | dict(self.facts)

    def _buttons(self) -> tuple[Button, ...]:
        texts = self.topic.buttons.get(self.heard.language, ())
        return tuple(Button(text=text, action=_action(self.pack, text)) for text in texts)

    def _next(self, **state: Any) -> Dialogue:
        lasting = self.topic.key not in SMALL_TALK and self.topic.action != "handoff"
        # What was not understood may be no language at all: it is answered in the one it looks
        # like, but the conversation keeps its own.
        lost = self.topic.key == FALLBACK
        calm = replace(
            at_rest(self.dialogue),
            language=self.dialogue.language if lost else self.heard.language,
            leaning=self.heard.leaning,
            turns=self.dialogue.turns + 1,
            topic=self.topic.key if lasting else self.dialogue.topic,
            facts=self.facts,
        )
        after = replace(calm, **state)
        return with_facts(after, still_kept(self.pack, after))


def day_at(pack: PackPublished, now: datetime) -> date:
    """The day it is at the merchant's place."""
    return now.astimezone(ZoneInfo(pack.merchant.time_zone)).date()


def handoff_topic(pack: PackPublished) -> Topic | None:
    """The topic of asking for a person."""
    return next((topic for topic in pack.topics if topic.action == "handoff"), None)


def means(topic: Topic, text: str) -> bool:
    """Whether a text is the topic's title or one of its examples, however it is written."""
    said = tokens_of(text)
    examples = (example for examples in topic.examples.values() for example in examples)
    return any(_pack_tokens(one) == said for one in (*topic.title.values(), *examples))


@lru_cache(maxsize=32_768)
def _pack_tokens(text: str) -> tuple[str, ...]:
    """Only texts of packs are remembered here, never what a visitor wrote."""
    return tokens_of(text)


def _action(pack: PackPublished, text: str) -> Literal["say", "handoff"]:
    """A button that asks for a person opens the form at once instead of sending its text."""
    asks = any(means(topic, text) for topic in pack.topics if topic.action == "handoff")
    return "handoff" if asks else "say"
