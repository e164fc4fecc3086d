"""A message's move: what it does in its dialogue, and what must be found out before it is answered."""

from dataclasses import dataclass
from enum import Enum, auto

from libs.contracts.content import PackPublished, Topic
from services.nlu.dialogue.scene import FALLBACK, Scene
from services.nlu.dialogue.slots import facts_of, missing
from services.nlu.dialogue.state import AskShop, Errand, LookUp, Search


class Act(Enum):
    """What a message does; TOPIC is to be about a topic, whatever that then asks or says."""

    TOPIC = auto()
    CANCEL = auto()
    NOTHING_TO_CANCEL = auto()
    REFUSE = auto()
    NEITHER = auto()
    CLARIFY = auto()
    NO_FACT = auto()


@dataclass(frozen=True)
class Move:
    """What a message does, what it is about, and what must be found out before it is answered."""

    act: Act
    scene: Scene
    errand: Errand = None
    choices: tuple[str, ...] = ()


def errand_of(scene: Scene, text: str) -> Errand:
    """What has to be found out before a topic can be answered; None for most."""
    topic, pack = scene.topic, scene.pack
    if missing(pack, topic, scene.facts):
        return None
    match topic.action:
        case "order_lookup":
            return LookUp(scene.order_number) if scene.order_number else None
        case "webhook":
            facts = {fact.key: scene.facts[fact.key] for fact in facts_of(pack, topic)}
            return AskShop(topic.webhook or "", topic.key, facts)
        case "product_search":
            return Search(text)
    guess = topic.key == FALLBACK and product_topic(pack)
    return Search(text, guess=True) if guess else None


def order_topic(pack: PackPublished) -> Topic | None:
    """The topic that a bare order number is about: the one that others are like."""
    topics = [topic for topic in pack.topics if topic.action == "order_lookup"]
    return next((topic for topic in topics if topic.like is None), topics[0] if topics else None)


def product_topic(pack: PackPublished) -> Topic | None:
    """The topic that a product named out of the blue is about."""
    topics = (topic for topic in pack.topics if topic.action == "product_search")
    return next(topics, None)
