"""Whatever is typed, the bot has a turn of the right shape, and never raises."""

from datetime import date
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.bot import Outcome
from services.nlu.dialogue import Finding, LookUp, Missing, Parcel, Product, Search, Status
from services.nlu.domain import errand, listen, respond
from tests.unit.nlu.kitchen import LANGUAGES, NOW, brain, demo_packs

pieces = st.sampled_from([
    "hvor er pakken", "10482217", "1048 2217", "nei", "den andre", "takk", "{order_number}", "{x}",
    "Snakk med et menneske", "telt", "１０４８２２１７", "+47 400 00 000", "\u200b", "🙂", "%s", "\x00",
])  # fmt: skip
texts = st.one_of(st.text(max_size=300), st.lists(pieces, max_size=6).map(" ".join))
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


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=st.lists(texts, min_size=1, max_size=5),
    locale=st.sampled_from(LANGUAGES) | st.text(max_size=8),
    data=st.data(),
)
def test_any_text_gets_a_turn(said: list[str], locale: str, data: st.DataObject) -> None:
    pack, known = demo_packs()["fjellbekk"], None
    for text in said:
        dialogue = listen(known, locale, pack)
        understanding = brain().understand(text, dialogue.language)
        todo, finding = errand(dialogue, understanding, pack), _finding(data, None)
        if todo is not None:
            finding = _finding(data, todo)
        turn = respond(dialogue, understanding, pack, finding, NOW)
        assert turn.body.text.strip()
        assert turn.body.language in pack.merchant.languages
        assert 0 <= turn.confidence <= 1
        assert pack.topic(turn.intent)
        assert (turn.outcome is Outcome.HANDOFF_OFFERED) == (turn.offer is not None)
        assert turn.offer is None or pack.topic(turn.offer.topic).intake  # type: ignore[union-attr]
        assert turn.dialogue.turns == dialogue.turns + 1
        known = turn.dialogue


def _finding(data: st.DataObject, todo: object) -> Finding:
    match todo:
        case LookUp():
            return data.draw(parcels | st.sampled_from(Missing))
        case Search():
            return data.draw(products | st.just(Missing.AWAY))
        case _:
            return None


@settings(max_examples=100, deadline=None)
@given(text=texts, prior=st.sampled_from(LANGUAGES))
def test_the_same_text_is_understood_the_same(text: str, prior: str) -> None:
    first, second = (brain().understand(text, prior) for _ in range(2))  # type: ignore[arg-type]
    assert first == second
