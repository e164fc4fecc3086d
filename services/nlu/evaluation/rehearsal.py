"""A conversation with the real rules, but without bus, store or shop: what the bot would do."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args

from libs.kit.wording import variables_in
from libs.privacy.masking import mask
from services.nlu.dialogue.state import (
    AskShop,
    Dialogue,
    Errand,
    Finding,
    LookUp,
    Missing,
    Parcel,
    Search,
    ShopAnswer,
    Status,
    Turn,
    Understanding,
)
from services.nlu.domain import consider, hear, listen, respond
from services.nlu.understanding.brain import Brain

STATES: tuple[Status, ...] = get_args(Status)

SHOP_ANSWERS = (*STATES, *(reason.value for reason in Missing))
"""What a pretended shop can answer."""

NO_ANSWERS = ("unknown", "away", "no_fact")
"""Answers of a topic that its shop's system does not choose."""


@dataclass(frozen=True)
class Step:
    """What one message did: how it was understood and masked, what was asked of the shop, the turn."""

    heard: Understanding
    masked: str
    asked: str | None
    turn: Turn


@dataclass
class Rehearsal:
    """One conversation; `shop` is what the pretended shop answers to every question."""

    brain: Brain
    now: Callable[[], datetime]
    locale: str = ""
    shop: str = "sent"
    _known: Dialogue | None = None
    _last: str = field(default="", repr=False)

    def anew(self) -> "Rehearsal":
        """A new conversation with the same bot, page and shop."""
        return Rehearsal(self.brain, self.now, self.locale, self.shop)

    def say(self, text: str) -> Step:
        """The visitor says something."""
        pack = self.brain.pack
        dialogue = listen(self._known, self.locale or pack.merchant.languages[0], pack)
        heard = hear(self.brain, dialogue, text)
        move = consider(dialogue, heard, pack, self.now())
        turn = respond(move, self._finding(move.errand))
        masked = mask(text, heard.language, self._last or None).text
        self._known, self._last = turn.dialogue, turn.body.text
        return Step(heard, masked, question_of(move.errand), turn)

    def _finding(self, errand: Errand) -> Finding:
        match errand:
            case None:
                return None
            case Search():
                return ()
            case LookUp(number) if self.shop in STATES:
                return self._parcel(number)
            case AskShop() if self.shop in STATES:
                return self._answer(errand)
            case _:
                return Missing.UNKNOWN if self.shop == Missing.UNKNOWN else Missing.AWAY

    def _parcel(self, number: str) -> Parcel:
        status = next(state for state in STATES if state == self.shop)
        soon = (self.now() + timedelta(days=2)).date()
        place = "Kiosken, Storgata 1" if status == "ready_for_pickup" else None
        return Parcel(number, status, "Nordbud", "RR123456785NO", soon, place)

    def _answer(self, errand: AskShop) -> Finding:
        """The first answer that is the shop's to choose, its variables named in place of values."""
        topic = self.brain.pack.topic(errand.topic)
        names = [name for name in topic.answers if name not in NO_ANSWERS] if topic else []
        if not topic or not names:
            return Missing.AWAY
        texts = topic.answers[names[0]].values()
        unknown = {name for text in texts for name in variables_in(text)} - {*errand.facts}
        return ShopAnswer(names[0], {name: f"[{name}]" for name in sorted(unknown)})


def question_of(errand: Errand) -> str | None:
    """What would be asked of the shop, in a line; None where nothing is."""
    match errand:
        case LookUp(number):
            return f"order.lookup of {number}"
        case AskShop(kind, _, facts):
            given = ", ".join(f"{name} = {value}" for name, value in facts.items())
            return f"{kind} with {given or 'nothing'}"
        case Search(text, guess):
            return f"product search{' (a guess)' if guess else ''}: {text}"
        case None:
            return None


def as_row(text: str, step: Step) -> dict[str, Any]:
    """A step as plain values."""
    heard, turn = step.heard, step.turn
    return {
        "text": text,
        "language": heard.language,
        "candidates": [[one.topic, one.confidence] for one in heard.candidates],
        "decision": heard.intent,
        "asks_between": list(heard.close),
        "entities": [asdict(one) for one in heard.entities.found],
        "masked": step.masked,
        "asked_of_shop": step.asked,
        "outcome": turn.outcome.value,
        "intent": turn.intent,
        "offer": asdict(turn.offer) if turn.offer else None,
        "reply": turn.body.model_dump(mode="json"),
    }
