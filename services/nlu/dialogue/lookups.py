"""The turns of topics that the shop's own system is asked about: orders, and its own webhooks."""

from dataclasses import replace

from libs.contracts.bodies import Button, Card
from libs.contracts.bot import Outcome
from libs.kit.calendars import card_day, say_day
from services.nlu.dialogue.answers import TRIES, told
from services.nlu.dialogue.phrases import says
from services.nlu.dialogue.scene import Scene
from services.nlu.dialogue.slots import facts_of
from services.nlu.dialogue.state import Finding, Missing, Offer, Parcel, ShopAnswer, Turn

ON_THE_WAY = ("received", "packed", "sent", "out_for_delivery")
"""States in which the expected day still lies ahead, or has passed and means a delay."""

CARD_LINES = {
    "card_carrier": "carrier", "card_tracking": "tracking_number",
    "card_expected": "expected_day", "card_pickup": "pickup_point",
}  # fmt: skip
"""The lines of a parcel's card and the variable each is about; without a value it is left out."""

MOST_OTHERS = 2
"""So many further order numbers of a message become buttons."""


def about_order(scene: Scene, finding: Finding) -> Turn:
    """Where the parcel is; or why that cannot be said."""
    match finding:
        case Parcel():
            return _found(scene, finding)
        case Missing.UNKNOWN:
            return _unknown(scene)
        case _:
            return _away(scene)


def about_own(scene: Scene, finding: Finding) -> Turn:
    """What the shop's own system wants said; an answer that the topic does not have counts as none."""
    match finding:
        case ShopAnswer(name, values) if scene.has(name):
            return told(scene, scene.say(name, **values), (name,))
        case Missing.UNKNOWN:
            return _unknown(scene)
        case _:
            return _away(scene)


def _away(scene: Scene) -> Turn:
    return scene.offer(scene.say("away"), Offer(scene.form(scene.topic.key), "topic"))


def _unknown(scene: Scene) -> Turn:
    """What the shop does not know is asked for once more; then a person is offered."""
    count, key = scene.dialogue.unknowns + 1, scene.topic.key
    asked = {fact.key for fact in facts_of(scene.pack, scene.topic)}
    facts = {name: value for name, value in scene.facts.items() if name not in asked}
    if count < TRIES:
        return scene.turn(
            scene.say("unknown"), Outcome.ASKED_FACT,
            awaiting=key, unknowns=count, facts=facts,
        )  # fmt: skip
    again = scene.say("unknown_again" if scene.has("unknown_again") else "unknown")
    return scene.offer(again, Offer(scene.form(key), "topic"), unknowns=count, facts=facts)


def _found(scene: Scene, parcel: Parcel) -> Turn:
    values = _values(scene, parcel)
    names = (parcel.status, *_details(scene, parcel))
    lines = [name for name, variable in CARD_LINES.items() if values[variable]]
    card = Card(
        kind="parcel",
        title=scene.say("card_title", **values),
        lines=tuple(scene.say(name, **values) for name in lines),
    )
    text = " ".join(scene.say(name, **values) for name in names)
    others = _other_numbers(scene, parcel.order_number)
    if others:
        text = f"{scene.phrase('one_number', order_number=parcel.order_number)} {text}"
    turn = told(scene, text, names, (card,))
    buttons = tuple(Button(text=number) for number in others) or turn.body.buttons
    return replace(turn, body=turn.body.model_copy(update={"buttons": buttons}))


def _other_numbers(scene: Scene, taken: str) -> tuple[str, ...]:
    """Order numbers that stood beside the one taken; in "not 1… but 2…" there are none."""
    found = scene.heard.entities
    if found.other_order or says(scene.heard.text, "instead"):
        return ()
    numbers = (one.value for one in found.found if one.type == "order_number")
    return tuple(number for number in dict.fromkeys(numbers) if number != taken)[:MOST_OTHERS]


def _details(scene: Scene, parcel: Parcel) -> tuple[str, ...]:
    """The sentence after the status: where to fetch it, or when it comes."""
    if parcel.status == "ready_for_pickup":
        return ("pickup",) if parcel.pickup_point else ()
    if parcel.expected_on is None or parcel.status not in ON_THE_WAY:
        return ()
    return ("late",) if parcel.expected_on < scene.today else ("expected",)


def _values(scene: Scene, parcel: Parcel) -> dict[str, str]:
    language = scene.heard.language
    day = parcel.expected_on if parcel.status in ON_THE_WAY else None
    return {
        "order_number": parcel.order_number,
        "carrier": parcel.carrier or "",
        "tracking_number": parcel.tracking_number or "",
        "pickup_point": parcel.pickup_point or "",
        "expected_on": say_day(day, scene.today, language) if day else "",
        "expected_day": card_day(day, language) if day else "",
    }
