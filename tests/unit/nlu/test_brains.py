"""Which brain answers: the newest pack's as soon as it is learned, the one before until then."""

import pytest

from services.nlu.understanding.brain import TopicModel
from services.nlu.understanding.brains import Brains
from services.nlu.understanding.kept import Lessons
from tests.unit.nlu.counter import Kitchen
from tests.unit.nlu.kitchen import demo_packs, trained


@pytest.fixture(autouse=True)
def _trained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test would otherwise train the same model again."""
    model = trained()
    monkeypatch.setattr(Lessons, "model", lambda *_: model)


@pytest.fixture
async def kitchen() -> Kitchen:
    return await learning(Kitchen())


async def learning(kitchen: Kitchen) -> Kitchen:
    """The handlers with brains that learn."""
    kitchen.brains = Brains(kitchen.products.watch)
    kitchen.build()
    return await kitchen.begin()


async def test_a_new_pack_is_learned_and_swapped_in(kitchen: Kitchen) -> None:
    await kitchen.say("hei")
    newer = kitchen.pack.model_copy(update={"pack_version": "newer"})
    await kitchen.brains.learn(newer)
    assert (await kitchen.say("hei")).pack_version == "newer"


async def test_a_pack_that_cannot_be_learned_leaves_the_one_before(kitchen: Kitchen) -> None:
    await kitchen.say("hei")
    for broken in (
        kitchen.pack.model_copy(update={"topics": (), "pack_version": "broken"}),
        kitchen.pack.model_copy(update={"topics": kitchen.pack.topics[:1]}),
    ):
        await kitchen.brains.learn(broken)
    assert (await kitchen.say("hei")).pack_version == kitchen.pack.pack_version


async def test_a_merchant_whose_pack_cannot_be_learned_has_no_bot() -> None:
    pack = demo_packs()["fjellbekk"]
    kitchen = await learning(Kitchen(pack.model_copy(update={"topics": pack.topics[:1]})))
    await kitchen.handlers.message_received(await kitchen.message("hei"))
    assert not kitchen.bus.events
    assert not kitchen.store.kept


async def test_packs_with_equal_examples_share_one_model(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_times: list[int] = []
    model = trained()

    def train(*_: object) -> TopicModel:
        trained_times.append(1)
        return model

    monkeypatch.setattr(Lessons, "model", train)
    for pack in demo_packs().values():
        await kitchen.brains.learn(pack)
    assert len(trained_times) == 1
