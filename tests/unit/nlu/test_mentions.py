"""What a message holds by which its conversation is found again leaves nlu sealed, or not at all."""

from libs.contracts.bodies import MentionedBody
from libs.privacy.sealing import Place
from services.nlu.dialogue.mentions import MOST, mentioned
from services.nlu.dialogue.state import Understanding
from services.nlu.reading.entities import find_entities
from tests.unit.nlu.counter import Kitchen


def heard(text: str) -> Understanding:
    return Understanding("nb", "fallback", 0.0, entities=find_entities(text, r"\d{8}"))


async def test_addresses_and_orders_that_the_bot_is_told_are_said_on_sealed() -> None:
    kitchen = await Kitchen().begin()
    answer = await kitchen.say(
        "Ordre 10482217 eller 10482218, skriv til Nora@Kunde.example", order="10482219"
    )
    assert answer.mentioned
    assert "nora" not in (shown := answer.model_dump_json().casefold())
    assert "1048221" not in shown
    body = await kitchen.ring.open(Place.of(answer, "mentioned"), answer.mentioned, MentionedBody)
    assert body.emails == ("nora@kunde.example",)
    assert sorted(body.order_numbers) == ["10482217", "10482218", "10482219"]


async def test_a_message_that_holds_neither_says_nothing_of_them() -> None:
    kitchen = await Kitchen().begin()
    for text in ("Hvordan kan jeg betale?", "Ring meg på +47 400 00 000", "Størrelse 42"):
        assert (await kitchen.say(text)).mentioned is None


def test_each_is_said_once_and_nobody_fills_the_index() -> None:
    many = " ".join(f"a{number}@kunde.example" for number in range(MOST + 5))
    body = mentioned(heard(f"{many} a1@kunde.example"), None)
    assert body
    assert (len(body.emails), len({*body.emails})) == (MOST, MOST)
    twice = mentioned(heard("10482217, ja 10482217"), "10482217")
    assert twice == MentionedBody(order_numbers=("10482217",))
