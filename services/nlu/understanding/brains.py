"""What was learned from each merchant's newest pack; swapped in one step when it is ready."""

import asyncio
import re
from collections.abc import Callable
from weakref import WeakValueDictionary

import structlog

from libs.contracts.content import PackPublished
from services.nlu.dialogue.scene import FALLBACK, OTHER
from services.nlu.reading.language import LanguageDetector
from services.nlu.understanding.brain import Brain, TopicModel, examples_of, order_pattern, tests_of
from services.nlu.understanding.kept import Lessons


class Brains:
    """One brain per merchant; packs that teach the same share one trained model."""

    def __init__(
        self,
        on_learned: Callable[[PackPublished], None],
        lessons: Lessons | None = None,
    ) -> None:
        self._on_learned = on_learned
        self._lessons = lessons or Lessons()
        self._detector = LanguageDetector()
        self._brains: dict[str, Brain] = {}
        self._models: WeakValueDictionary[object, TopicModel] = WeakValueDictionary()
        self._training = asyncio.Lock()
        self._log = structlog.get_logger()

    async def learn(self, pack: PackPublished) -> None:
        """Trains on a newly published pack, then uses it; a pack that cannot be learned is left."""
        try:
            model = await self._model(pack)
        except (ValueError, re.error) as error:
            self._log.error(
                "A pack cannot be learned; the bot stays on the one before.",
                merchant_id=pack.merchant_id, pack_version=pack.pack_version,
                error=type(error).__name__, fix="check it with `prat content validate`.",
            )  # fmt: skip
            return
        self._brains[pack.merchant_id] = Brain(pack, model, self._detector)
        self._on_learned(pack)
        self._log.info(
            "Learned a pack.", merchant_id=pack.merchant_id, pack_version=pack.pack_version
        )

    async def of(self, newest: PackPublished) -> Brain | None:
        """The merchant's brain; while a newer pack is being learned the one before goes on.

        None where no pack of the merchant could be learned: it has no bot, and nobody else waits.
        """
        if newest.merchant_id not in self._brains:
            await self.learn(newest)
        return self._brains.get(newest.merchant_id)

    async def _model(self, pack: PackPublished) -> TopicModel:
        taught = {topic for _, topic in examples_of(pack.topics)}
        if FALLBACK not in taught or len(taught) == 1 or pack.topic(OTHER) is None:
            raise ValueError("core topics are missing")
        re.compile(order_pattern(pack) or "")
        lines = examples_of(pack.topics), tests_of(pack.topics)
        async with self._training:
            model = self._models.get(lines)
            if model is None:
                model = await asyncio.to_thread(self._lessons.model, *lines)
                self._models[lines] = model
        return model
