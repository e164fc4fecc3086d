"""Whatever is typed, the bot has one turn of the right shape, asks for nothing it knows, never raises."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.contracts.bot import Outcome
from libs.contracts.content import OpeningHours
from services.nlu.dialogue.hearing import Hearing
from services.nlu.dialogue.slots import facts_of, missing
from services.nlu.dialogue.state import (
    AskShop,
    Candidate,
    Dialogue,
    Errand,
    Finding,
    LookUp,
    Missing,
    Parcel,
    Product,
    Search,
    ShopAnswer,
    Status,
    Turn,
)
from services.nlu.domain import at_rest, consider, hear, listen, respond
from tests.unit.nlu.kitchen import LANGUAGES, NOW, Parrot, menu
from tests.unit.nlu.talk import messages

KEYS = tuple(topic.key for topic in menu().topics)
CLOSED = menu().model_copy(
    update={"merchant": menu().merchant.model_copy(update={"hours": OpeningHours(openings=())})}
)
short = st.text(max_size=20) | st.none()
parcels = st.builds(
    Parcel,
    order_number=st.just("10482217"),
    status=st.sampled_from(get_args(Status)),
    carrier=short,
    tracking_number=short,
    expected_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)) | st.none(),
    pickup_point=short,
)
products = st.lists(
    st.builds(Product, st.text(max_size=20), st.text(max_size=9), st.booleans(), st.none()),
    max_size=6,
).map(tuple)
answers = st.builds(
    ShopAnswer,
    st.sampled_from(["valid", "expired", "unknown", "nonsense"]),
    st.dictionaries(st.sampled_from(["until", "serial"]), st.text(max_size=9), max_size=2),
)
near = st.lists(st.sampled_from([*KEYS, "gone"]), max_size=3, unique=True).map(tuple)


class Conversation(RuleBasedStateMachine):
    """A visitor who types anything, in any language, to a bot that is sure, unsure or wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Dialogue | None = None
        self.turn: Turn | None = None
        self.before: Dialogue | None = None
        self.heard_close = False
        self.now = NOW

    @initialize(is_open=st.booleans())
    def opens(self, is_open: bool) -> None:
        self.pack = menu() if is_open else CLOSED

    @rule(
        text=messages, locale=st.sampled_from(LANGUAGES) | st.text(max_size=8), data=st.data(),
        intent=st.none() | st.sampled_from([*KEYS, "gone"]), close=near,
    )  # fmt: skip
    def says(
        self,
        text: str,
        locale: str,
        data: st.DataObject,
        intent: str | None,
        close: tuple[str, ...],
    ) -> None:
        """A message; a wrong or unsure understanding must not break anything either."""
        self.before = dialogue = listen(self.known, locale, self.pack)
        heard = hear(Parrot(self.pack), dialogue, text)
        heard = replace(
            heard, intent=intent or heard.intent, close=close,
            candidates=tuple(Candidate(key, 0.4) for key in close),
        )  # fmt: skip
        move = consider(dialogue, heard, self.pack, self.now)
        finding = data.draw(findings(move.errand))
        self.turn = respond(move, finding)
        assert self.turn == respond(Hearing(dialogue, heard, self.pack, self.now).move(), finding)
        self.known = self.turn.dialogue
        self.now += timedelta(minutes=1)

    @rule()
    def a_human_comes_or_goes(self) -> None:
        """Nothing is waited for; what was said stays."""
        self.known = at_rest(self.known) if self.known else None
        self.turn = None

    @invariant()
    def the_turn_has_the_right_shape(self) -> None:
        turn = self.turn
        if turn is None or self.before is None:
            return
        assert turn.body.text.strip()
        assert turn.body.language in self.pack.merchant.languages
        assert self.pack.topic(turn.intent)
        assert all(button.text for button in turn.body.buttons)
        assert (turn.outcome is Outcome.HANDOFF_OFFERED) == (turn.offer is not None)
        assert turn.offer is None or self.pack.topic(turn.offer.topic).intake  # type: ignore[union-attr]
        assert turn.dialogue.turns == self.before.turns + 1

    @invariant()
    def nothing_is_asked_for_that_is_known(self) -> None:
        turn = self.turn
        if turn is None or turn.dialogue.awaiting is None:
            return
        waiting = self.pack.topic(turn.dialogue.awaiting)
        assert waiting
        fact = missing(self.pack, waiting, turn.dialogue.facts)
        assert fact
        assert fact.key not in turn.dialogue.facts
        asked = {*fact.ask.values(), *fact.invalid.values()}
        others = {
            text for one in facts_of(self.pack, waiting) if one.key in turn.dialogue.facts
            for text in one.ask.values()
        }  # fmt: skip
        assert turn.body.text not in others - asked

    @invariant()
    def it_is_not_asked_between_topics_twice_in_a_row(self) -> None:
        if self.turn and self.before and self.before.choices:
            assert self.turn.outcome is not Outcome.CLARIFIED


def findings(errand: Errand) -> st.SearchStrategy[Finding]:
    """What an errand may bring."""
    match errand:
        case LookUp():
            return parcels | st.sampled_from(Missing)
        case AskShop():
            return answers | st.sampled_from(Missing)
        case Search():
            return products | st.just(Missing.AWAY)
        case _:
            return st.none()


Conversation.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
TestConversation = Conversation.TestCase
