"""The turns of topics that need more than a text: orders, products, and not understanding."""

from libs.contracts.bodies import Card
from libs.contracts.bot import Outcome
from services.nlu.dialogue import Finding, Missing, Offer, Parcel, Product, Turn
from services.nlu.scene import Scene
from services.nlu.wording import card_day, in_language, say_day

TRIES = 2
"""After so many failures in a row the bot offers a person."""

ON_THE_WAY = ("received", "packed", "sent", "out_for_delivery")
"""States in which the expected day still lies ahead, or has passed and means a delay."""

CARD_LINES = {
    "card_carrier": "carrier", "card_tracking": "tracking_number",
    "card_expected": "expected_day", "card_pickup": "pickup_point",
}  # fmt: skip
"""The lines of a parcel's card and the variable each is about; without a value it is left out."""

MOST_CARDS = 4


def not_understood(scene: Scene) -> Turn:
    """Says so; the second time in a row offers a person."""
    count = scene.dialogue.fallbacks + 1
    if count < TRIES:
        return scene.turn(scene.say("answer"), Outcome.FALLBACK, fallbacks=count)
    offer = Offer(scene.form(scene.dialogue.topic), "fallbacks")
    return scene.offer(scene.say("offer"), offer, fallbacks=count)


def about_order(scene: Scene, finding: Finding) -> Turn:
    """Where the parcel is; or what is missing to know it."""
    match finding:
        case Parcel():
            return _found(scene, finding)
        case Missing.UNKNOWN:
            return _unknown_order(scene)
        case Missing.AWAY:
            return scene.offer(scene.say("away"), Offer(scene.form(scene.topic.key), "topic"))
        case _:
            return _ask_number(scene)


def about_products(scene: Scene, finding: Finding) -> Turn:
    """The products that fit as cards; or that nothing fits; or that the shop cannot be asked."""
    if not isinstance(finding, tuple):
        return scene.offer(scene.say("away"), Offer(scene.form(scene.topic.key), "topic"))
    if not finding:
        return scene.turn(scene.say("nothing"), Outcome.ASKED_FACT)
    cards = tuple(_product_card(scene, product) for product in finding[:MOST_CARDS])
    return scene.turn(scene.say("found"), Outcome.ANSWERED, cards)


def _ask_number(scene: Scene) -> Turn:
    needs, key = scene.topic.needs, scene.topic.key
    count = scene.dialogue.fallbacks + (scene.dialogue.awaiting == key)
    if count >= TRIES:
        offer = Offer(scene.form(key), "fallbacks")
        return scene.offer(scene.say("no_number"), offer, fallbacks=count)
    wording = "invalid" if scene.heard.entities.number_like else "ask"
    question = in_language(getattr(needs, wording, {}), scene.heard.language)
    return scene.turn(question, Outcome.ASKED_FACT, awaiting=key, fallbacks=count)


def _unknown_order(scene: Scene) -> Turn:
    count, key = scene.dialogue.unknown_orders + 1, scene.topic.key
    if count >= TRIES:
        offer = Offer(scene.form(key), "topic")
        return scene.offer(scene.say("unknown_again"), offer, unknown_orders=count)
    return scene.turn(scene.say("unknown"), Outcome.ASKED_FACT, awaiting=key, unknown_orders=count)


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
    return scene.turn(text, Outcome.ANSWERED, (card,), order_number=parcel.order_number)


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


def _product_card(scene: Scene, product: Product) -> Card:
    stock = scene.say("in_stock" if product.in_stock else "out_of_stock")
    lines = tuple(line for line in (product.price, stock) if line)
    return Card(kind="product", title=product.title, lines=lines, link=product.link)
