"""The turns of topics: a plain answer, a question for a fact, products, a person, not understanding."""

from typing import Any

from libs.contracts.bodies import Button, Card
from libs.contracts.bot import Outcome
from libs.contracts.content import Fact
from libs.kit.wording import in_language
from services.nlu.dialogue.phrases import Phrase, tokens_of
from services.nlu.dialogue.scene import FALLBACK, Scene
from services.nlu.dialogue.state import Finding, Offer, Product, Turn

TRIES = 2
"""After so many failures in a row the bot offers a person."""

MOST_CARDS = 4
MOST_SIZES = 10

A_TRY = 3
"""A message of so few words, and not understood, was meant as the fact that was asked for."""


def remark(scene: Scene, phrase: Phrase) -> Turn:
    """A sentence of the dialogue itself; nothing is waited for after it."""
    return scene.turn(scene.phrase(phrase), Outcome.ANSWERED)


def plain_answer(scene: Scene) -> Turn:
    """The topic's answer: another one as the very first turn, and while no agent is there."""
    name = "answer"
    if scene.dialogue.turns == 0 and scene.has("first"):
        name = "first"
    if not scene.is_open(scene.topic.key) and scene.has("closed"):
        name = "closed"
    return told(scene, scene.say(name), (name,))


def told(
    scene: Scene, text: str, names: tuple[str, ...], cards: tuple[Card, ...] = (), **state: Any
) -> Turn:
    """A turn that said the answers of these names; a person is offered where the topic wants it."""
    if any(name in scene.topic.offer_on for name in names):
        offer = Offer(scene.form(scene.topic.key), "topic")
        return scene.offer(text, offer, cards, **state)
    return scene.turn(text, Outcome.ANSWERED, cards, **state)


def person(scene: Scene) -> Turn:
    """The offer of a person whom the visitor asked for; out of hours, of leaving a message."""
    about = scene.dialogue.offered or scene.dialogue.awaiting or scene.dialogue.topic
    form = scene.form(about)
    name = "closed" if not scene.is_open(form) and scene.has("closed") else "answer"
    return scene.offer(scene.say(name), Offer(form, "requested"))


def not_understood(scene: Scene) -> Turn:
    """Says so; the second time in a row offers a person."""
    count = scene.dialogue.fallbacks + 1
    if count < TRIES:
        return scene.turn(scene.say("answer"), Outcome.FALLBACK, fallbacks=count)
    offer = Offer(scene.form(scene.dialogue.topic), "fallbacks")
    return scene.offer(scene.say("offer"), offer, fallbacks=count)


def otherwise(scene: Scene) -> Turn:
    """None of the topics asked between was meant: that was no answer either."""
    count = scene.dialogue.fallbacks + 1
    if count < TRIES:
        return scene.turn(scene.phrase("otherwise"), Outcome.FALLBACK, fallbacks=count)
    offer = Offer(scene.form(scene.dialogue.topic), "fallbacks")
    return scene.offer(scene.say("offer"), offer, fallbacks=count)


def clarify(scene: Scene, choices: tuple[str, ...]) -> Turn:
    """Asks between topics that the message may be about; their titles are the buttons."""
    topics = [topic for topic in map(scene.pack.topic, choices) if topic]
    titles = [in_language(topic.title, scene.heard.language) for topic in topics]
    buttons = [Button(text=text) for text in (*titles, scene.phrase("something_else"))]
    return scene.turn(
        scene.phrase("clarify"), Outcome.CLARIFIED, buttons=tuple(buttons),
        choices=tuple(topic.key for topic in topics), question=scene.heard.text or None,
        fallbacks=scene.dialogue.fallbacks,
    )  # fmt: skip


def ask(scene: Scene, fact: Fact) -> Turn:
    """The question for a fact; who cannot give it after all is offered a person."""
    key = scene.topic.key
    filling = scene.dialogue.awaiting == key
    again = filling and not _went_on(scene)
    count = scene.dialogue.fallbacks + 1 if again else 0
    if count >= TRIES:
        return no_fact(scene)
    texts = fact.invalid if _was_tried(scene, fact, again) else fact.ask
    question = in_language(texts, scene.heard.language)
    unknowns = scene.dialogue.unknowns if filling else 0
    return scene.turn(
        question, Outcome.ASKED_FACT, awaiting=key, fallbacks=count, unknowns=unknowns
    )


def no_fact(scene: Scene) -> Turn:
    """Without the fact the bot cannot go on, a person can."""
    offer = Offer(scene.form(scene.topic.key), "fallbacks")
    name = next((name for name in ("no_number", "no_fact") if scene.has(name)), None)
    return scene.offer(scene.say(name) if name else scene.phrase("no_fact"), offer)


def about_products(scene: Scene, finding: Finding) -> Turn:
    """The products that fit as cards; or that nothing fits; or that the shop cannot be asked."""
    if not isinstance(finding, tuple):
        return scene.offer(scene.say("away"), Offer(scene.form(scene.topic.key), "topic"))
    if not finding:
        return scene.turn(scene.say("nothing"), Outcome.ASKED_FACT)
    cards = tuple(_product_card(scene, product) for product in finding[:MOST_CARDS])
    wanted = _lacking(scene, finding)
    not_quite = f"{scene.phrase('not_quite', wanted=wanted)} " if wanted else ""
    return told(scene, f"{not_quite}{scene.say('found')}", ("found",), cards)


def _lacking(scene: Scene, products: tuple[Product, ...]) -> str:
    """What was asked for and nothing found has, in the visitor's own words."""
    lacks = {lack for product in products for lack in product.lacks}
    found, text = scene.heard.entities.found, scene.heard.text
    words = (text[one.start : one.end].strip() for one in found if one.value in lacks)
    return ", ".join(dict.fromkeys(word for word in words if word))


def _product_card(scene: Scene, product: Product) -> Card:
    stock = scene.say("in_stock" if product.in_stock else "out_of_stock")
    listed = ", ".join(product.sizes[:MOST_SIZES])
    sizes = scene.phrase("sizes", sizes=listed) if listed else ""
    lines = tuple(line for line in (product.price, stock, sizes) if line)
    return Card(kind="product", title=product.title, lines=lines, link=product.link)


def _went_on(scene: Scene) -> bool:
    """Whether this message gave a fact, though not the last one."""
    return len(scene.facts) > len(scene.dialogue.facts)


def _was_tried(scene: Scene, fact: Fact, again: bool) -> bool:
    """Whether the visitor gave something for the fact that is not what it must look like."""
    if fact.type == "order_number":
        return scene.heard.entities.number_like
    brief = len(tokens_of(scene.heard.text)) <= A_TRY
    meant = fact.type == "text" or (brief and scene.heard.intent == FALLBACK)
    return again and meant
