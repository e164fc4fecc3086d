"""Merchants and their packs as this process knows them: the content topic, read into memory."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from libs.contracts.content import PackPublished
from libs.contracts.envelope import Event
from libs.contracts.topics import CONTENT
from libs.kit.errors import Refused
from libs.kit.settings import CommonSettings
from libs.kit.topic_view import TopicView

OnPublished = Callable[[PackPublished], Awaitable[None]]


class MerchantContent(Protocol):
    """What rooms ask of the content."""

    def get(self, merchant_id: str) -> PackPublished:
        """The merchant's newest pack; raises Refused (404) for an unknown merchant."""

    def all(self) -> tuple[PackPublished, ...]:
        """Every merchant's newest pack, by merchant id."""

    async def wait_for(self, merchant_id: str) -> None:
        """Returns when the merchant is known, or when it is certain that no pack is on its way."""


class Packs:
    """The newest pack of each merchant, in memory."""

    def __init__(self, *packs: PackPublished) -> None:
        self._packs = {pack.merchant_id: pack for pack in packs}

    def put(self, pack: PackPublished) -> None:
        """Takes a newly published pack as the merchant's newest."""
        self._packs[pack.merchant_id] = pack

    def drop(self, merchant_id: str) -> None:
        """Forgets a merchant that has left."""
        self._packs.pop(merchant_id, None)

    def get(self, merchant_id: str) -> PackPublished:
        """The merchant's newest pack; raises Refused (404) for an unknown merchant."""
        if merchant_id not in self._packs:
            raise Refused(
                404, "unknown_merchant", "No shop with this id uses this chat.",
                "check data-merchant in the script tag, or run `prat content publish`.",
            )  # fmt: skip
        return self._packs[merchant_id]

    def all(self) -> tuple[PackPublished, ...]:
        """Every merchant's newest pack, by merchant id."""
        return tuple(self._packs[merchant_id] for merchant_id in sorted(self._packs))

    async def wait_for(self, merchant_id: str) -> None:
        """Returns at once: nothing is on its way here."""


class ContentView(TopicView, Packs):
    """`Packs` kept current from the bus; `on_published` hears of each new pack."""

    def __init__(self, settings: CommonSettings, on_published: OnPublished | None = None) -> None:
        TopicView.__init__(self, settings, CONTENT)
        Packs.__init__(self)
        self._on_published = on_published

    async def wait_for(self, merchant_id: str) -> None:
        """Returns when the merchant is known, or when everything published by now has been read.

        Topics keep no order between them: an event may be here before the pack that was published
        before it. Only after this wait a merchant that is not known is unknown.
        """
        await self.until(lambda: merchant_id in self._packs)

    async def take(self, event: Event) -> None:
        """Takes a newly published pack, and tells of it."""
        if not isinstance(event, PackPublished):
            return
        self.put(event)
        self.tell()
        if self._on_published:
            await self._on_published(event)

    def forget(self, key: str) -> None:
        """A merchant has left."""
        self.drop(key)
