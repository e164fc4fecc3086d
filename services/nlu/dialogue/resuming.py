"""Coming back to a topic that was left in the middle, and forgetting it in time. Pure."""

import re
from dataclasses import replace
from typing import Any

from libs.contracts.bodies import Button
from libs.contracts.content import Topic
from libs.kit.wording import in_language
from services.nlu.dialogue.scene import PARTING, Scene
from services.nlu.dialogue.slots import facts_of, missing, still_kept, with_facts
from services.nlu.dialogue.state import Turn

MOST_LEFT = 3
"""After so many turns about other things a topic that waits for a fact is forgotten."""

_SENTENCE = re.compile(r"[^.!?]*[.!?]+\s*|[^.!?]+$")


def with_what_was_left(scene: Scene, turn: Turn) -> Turn:
    """The turn, and after it what was left open: reminded of once, then only remembered."""
    before, asks = scene.dialogue, turn.dialogue.awaiting
    if before.awaiting is None or scene.topic.key == "goodbye":
        return turn
    is_done = scene.topic.key == before.awaiting
    left = scene.pack.topic((before.paused if is_done else before.awaiting) or "")
    if left is None:
        return turn
    if asks:
        return _paused(scene, turn, left)
    return _resumed(scene, turn, left, 1 if is_done else before.left + 1)


def short_question(text: str) -> str:
    """The question in a text of several sentences; all of it where there is none."""
    sentences = [found.strip() for found in _SENTENCE.findall(text)]
    return next((one for one in sentences if one.endswith("?")), text)


def _paused(scene: Scene, turn: Turn, left: Topic) -> Turn:
    """The new topic asks for something, too; if it is the same fact, the old one gives way."""
    asking = scene.pack.topic(turn.dialogue.awaiting or "")
    wanted = missing(scene.pack, left, turn.dialogue.facts)
    asked = missing(scene.pack, asking, turn.dialogue.facts) if asking else None
    if wanted is None or (asked and asked.key == wanted.key):
        return turn
    return _waiting(scene, turn, paused=left.key)


def _resumed(scene: Scene, turn: Turn, left: Topic, turns: int) -> Turn:
    if turns > MOST_LEFT:
        return turn
    wanted = missing(scene.pack, left, turn.dialogue.facts)
    if wanted is None:
        return _with_button(scene, turn, left)
    if turn.offer is None and turns == 1 and scene.topic.key not in PARTING:
        question = short_question(in_language(wanted.ask, scene.heard.language))
        title = in_language(left.title, scene.heard.language)
        line = scene.phrase("resume", topic=title, question=question)
        turn = _saying(turn, text=f"{turn.body.text}\n\n{line}")
    return _waiting(scene, turn, awaiting=left.key, left=turns)


def _with_button(scene: Scene, turn: Turn, left: Topic) -> Turn:
    """All that the left topic wanted is known by now: one press and it is answered."""
    title = Button(text=in_language(left.title, scene.heard.language))
    others = tuple(one for one in turn.body.buttons if one != title)
    return _saying(turn, buttons=(title, *others))


def _saying(turn: Turn, **changes: Any) -> Turn:
    return replace(turn, body=turn.body.model_copy(update=changes))


def _waiting(scene: Scene, turn: Turn, **state: Any) -> Turn:
    """The dialogue that waits, with the facts that what it waits for has collected.

    What the topic just answered has given up (a number that the shop does not know) stays away.
    """
    own = {fact.key for fact in facts_of(scene.pack, scene.topic)}
    given_up = own - turn.dialogue.facts.keys()
    facts = {name: value for name, value in scene.facts.items() if name not in given_up}
    after = replace(turn.dialogue, facts=facts, **state)
    return replace(turn, dialogue=with_facts(after, still_kept(scene.pack, after)))
