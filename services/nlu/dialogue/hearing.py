"""What a message does in its dialogue: answers a question, changes the topic, cancels, picks. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.content import Fact, PackPublished, Topic
from services.nlu.dialogue.moves import Act, Move, errand_of, order_topic
from services.nlu.dialogue.phrases import Word, says, telling_words, tokens_of, word_of
from services.nlu.dialogue.scene import (
    FALLBACK,
    OTHER,
    SMALL_TALK,
    Scene,
    day_at,
    handoff_topic,
    means,
)
from services.nlu.dialogue.slots import (
    facts_of,
    for_topic,
    given,
    is_corrected,
    missing,
    volunteered,
    written,
)
from services.nlu.dialogue.state import Dialogue, Search, Understanding

BESIDE_A_FACT = 1
"""So many telling words may stand beside a fact, and it is still what the message is about."""

BRIEF = 8
"""In a message of more words "I meant" is not about the number in it."""

A_SHRUG = 6
"""In a message of more words "I don't know" is a part of the story."""

ORDINALS: tuple[Word, ...] = ("first", "second", "third")

LIKELY, TIMES_LIKELIER = 0.4, 2.0
"""Of topics asked between, one that is so probable, and so much more than the others, is meant."""


@dataclass(frozen=True)
class Hearing:
    """A message in its dialogue; the first rule that knows what it does decides."""

    dialogue: Dialogue
    heard: Understanding
    pack: PackPublished
    now: datetime
    online: Mapping[str, int] | None = None

    def move(self) -> Move:
        """What the message does."""
        word = word_of(self.heard.text)
        rules: tuple[Callable[[Word | None], Move | None], ...] = (
            self._on_offer, self._on_cancel, self._on_choices, self._on_wait,
        )  # fmt: skip
        moves = (rule(word) for rule in rules)
        return next((move for move in moves if move), None) or self._anew(self.meant())

    def meant(self) -> Topic:
        """The topic that a message is about where nothing is waited for."""
        sure = self.pack.topic(self.heard.intent) or self._topic(FALLBACK)
        last = self.pack.topic(self.dialogue.topic or "")
        last = last if last and facts_of(self.pack, last) else None
        orders = last if last and last.action == "order_lookup" else order_topic(self.pack)
        if orders and self._is_number_only(corrects=orders is last):
            return orders
        if facts_of(self.pack, sure):
            return sure
        if orders and self.heard.entities.order_number:
            has_own_way = bool(sure.intake) or sure.action == "handoff"
            if sure.key in SMALL_TALK or (orders is last and not has_own_way):
                return orders
        return last if last and sure.key in SMALL_TALK and self._goes_on(sure, last) else sure

    def _on_offer(self, word: Word | None) -> Move | None:
        person = handoff_topic(self.pack)
        if self.dialogue.offered and person and word == "agree":
            return self._about(person)
        refused = self.dialogue.offered and word in ("refuse", "cancel")
        return self._act(Act.REFUSE, OTHER) if refused else None

    def _on_cancel(self, word: Word | None) -> Move | None:
        if word != "cancel" or self._is_sure_of(self.dialogue.awaiting):
            return None
        if self.dialogue.awaiting or self.dialogue.choices:
            return self._act(Act.CANCEL, OTHER)
        return self._act(Act.NOTHING_TO_CANCEL, OTHER) if self._is_sure_of(FALLBACK) else None

    def _on_choices(self, word: Word | None) -> Move | None:
        if not self.dialogue.choices:
            return None
        choices = [topic for topic in map(self.pack.topic, self.dialogue.choices) if topic]
        picked = self._picked(choices, word)
        if picked:
            return self._about(picked, text=self.dialogue.question)
        if word in ("neither", "refuse"):
            return self._act(Act.NEITHER, FALLBACK)
        return None

    def _on_wait(self, _word: Word | None) -> Move | None:
        waiting = self.pack.topic(self.dialogue.awaiting or "")
        fact = missing(self.pack, waiting, self.dialogue.facts) if waiting else None
        if waiting is None or fact is None:
            return None
        sure = self.pack.topic(self.heard.intent) or self._topic(FALLBACK)
        is_other = sure.key not in (FALLBACK, OTHER, waiting.key) and not self._is_wordless()
        other = sure if is_other else None
        if other and (other.action == "handoff" or means(other, self.heard.text)):
            return self._about(other)
        if fact.type == "text":
            return self._on_text(waiting, fact, other)
        if self._gives(fact, waiting) and (not other or self._is_bare() or _is_slight(other)):
            return self._about(waiting)
        return self._without_fact(waiting, other)

    def _without_fact(self, waiting: Topic, other: Topic | None) -> Move:
        if self._is_shrug() and not self._is_sure_of(waiting.key):
            return self._act(Act.NO_FACT, waiting.key)
        if other:
            return self._about(other)
        return self._clarified() or self._about(waiting)

    def _on_text(self, waiting: Topic, fact: Fact, other: Topic | None) -> Move:
        """Free text is taken as it is; only a plain question about something else is none."""
        if other and self.heard.text.rstrip().endswith("?"):
            return self._about(other)
        text = written(self.heard, fact)
        if self._is_shrug():
            return self._act(Act.NO_FACT, waiting.key)
        if other and text is None:
            return self._about(other)
        return self._about(waiting, {fact.key: text} if text else {})

    def _anew(self, topic: Topic) -> Move:
        asked = self._clarified() if topic.key == FALLBACK else None
        return asked or self._about(topic)

    def _about(
        self, topic: Topic, facts: Mapping[str, str] | None = None, text: str | None = None
    ) -> Move:
        scene = self._scene(topic, facts or {})
        return Move(Act.TOPIC, scene, errand_of(scene, text or self.heard.text))

    def _act(self, act: Act, topic: str) -> Move:
        return Move(act, self._scene(self._topic(topic), {}))

    def _clarified(self) -> Move | None:
        """Asks between near topics, but not twice in a row: the second time that is no help."""
        choices = tuple(
            key for key in self.heard.close if self.pack.topic(key) and key not in (FALLBACK, OTHER)
        )
        if len(choices) < 2 or self.dialogue.choices:  # noqa: PLR2004 - one is no choice
            return None
        scene = self._scene(self._topic(FALLBACK), {})
        topics = [self._topic(key) for key in choices]
        may_be_goods = any(topic.action == "product_search" for topic in topics)
        guess = Search(self.heard.text, guess=True) if may_be_goods else None
        return Move(Act.CLARIFY, scene, guess, choices)

    def _picked(self, choices: list[Topic], word: Word | None) -> Topic | None:
        if not choices:
            return None
        if word in ORDINALS:
            return dict(zip(ORDINALS, choices, strict=False)).get(word)
        if word in ("agree", "last"):
            return choices[0] if word == "agree" else choices[-1]
        by_name = (one for one in choices if means(one, self.heard.text))
        sure = (one for one in choices if one.key == self.heard.intent)
        return next(by_name, None) or next(sure, None) or self._likelier(choices)

    def _likelier(self, choices: list[Topic]) -> Topic | None:
        """Of the topics asked between, the one that an unsure answer is clearly nearer to."""
        if self.heard.intent != FALLBACK:
            return None
        chances = {one.topic: one.confidence for one in self.heard.candidates}
        best, *others = sorted(choices, key=lambda one: -chances.get(one.key, 0.0))
        chance = chances.get(best.key, 0.0)
        rest = max((chances.get(one.key, 0.0) for one in others), default=0.0)
        return best if chance >= LIKELY and chance >= TIMES_LIKELIER * rest else None

    def _scene(self, topic: Topic, facts: Mapping[str, str]) -> Scene:
        today = day_at(self.pack, self.now)
        known = dict(self.dialogue.facts)
        if is_corrected(self.dialogue, self.heard, self.pack, topic):
            for fact in facts_of(self.pack, topic):
                known.pop(fact.key, None)
        known |= volunteered(self.heard, self.pack, today)
        known |= for_topic(self.heard, self.pack, topic, today)
        facts = {**known, **facts}
        return Scene(self.dialogue, self.heard, self.pack, topic, self.now, facts, self.online)

    def _goes_on(self, sure: Topic, last: Topic) -> bool:
        """Whether a message that names no topic corrects the last one: "no, I meant the 12th"."""
        today = day_at(self.pack, self.now)
        corrects = sure.key == FALLBACK and is_corrected(self.dialogue, self.heard, self.pack, last)
        return corrects or bool(for_topic(self.heard, self.pack, last, today))

    def _gives(self, fact: Fact, waiting: Topic) -> bool:
        today = day_at(self.pack, self.now)
        any_of = (fact, *facts_of(self.pack, waiting))
        return any(given(self.heard, one, today) for one in any_of)

    def _is_bare(self) -> bool:
        """Whether little more than a fact stands there."""
        values = " ".join(one.value for one in self.heard.entities.found).casefold()
        words = [word for word in telling_words(self.heard.text) if word not in values]
        return bool(self.heard.text) and len(words) <= BESIDE_A_FACT

    def _is_wordless(self) -> bool:
        """Whether a message has digits and no telling word: that says nothing about any topic."""
        text = self.heard.text
        return any(char.isdigit() for char in text) and not telling_words(text)

    def _is_number_only(self, *, corrects: bool) -> bool:
        """Whether a message is an order number, or tries to be one, and nothing else."""
        text, found = self.heard.text, self.heard.entities
        if self._is_wordless() and (found.order_number or found.number_like):
            return True
        meant = found.order_number and says(text, "meant") and len(tokens_of(text)) <= BRIEF
        other = says(text, "other_order") and not telling_words(text)
        return corrects and bool(meant or other)

    def _is_shrug(self) -> bool:
        """Whether the visitor does not have what is asked for."""
        text = self.heard.text
        brief = len(tokens_of(text)) <= A_SHRUG
        return word_of(text) == "lacking" or (brief and says(text, "unknown"))

    def _is_sure_of(self, key: str | None) -> bool:
        return key is not None and self.heard.intent == key

    def _topic(self, key: str) -> Topic:
        return self.pack.topic(key) or self.pack.topic(FALLBACK) or self.pack.topics[0]


def _is_slight(topic: Topic) -> bool:
    """Whether a topic gives way to the fact that was asked for: it asks and collects nothing."""
    return not topic.intake and not topic.needs and topic.like is None
