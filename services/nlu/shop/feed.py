"""The merchants' product feeds, fetched in the background and kept fresh."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

import structlog
from defusedxml import DefusedXmlException

from libs.contracts.content import PackPublished
from libs.kit.outbound import CallFailed, CallRefused, Outbound
from services.nlu.dialogue.state import Missing, Product
from services.nlu.shop.products import ALIKE, SURE, Catalogue, common_words, parse

REFRESH_SECONDS = 600.0
FIRST_RETRY_SECONDS = 2.0
TOO_OLD_SECONDS = 3600.0
"""Prices older than this are not shown any more."""

TIMEOUT_SECONDS = 60.0
FEED_LIMIT = 128 * 1024 * 1024
"""A hundred thousand products with long descriptions; gzipped feeds are much smaller."""

OK = 200


@dataclass
class _Shelf:
    """One merchant's products, and when they must be fetched again."""

    url: str
    common: frozenset[str]
    items: Catalogue | None = None
    digest: bytes = b""
    fetched_at: float = 0.0
    due_at: float = 0.0
    pause: float = field(default=FIRST_RETRY_SECONDS)


class ProductFeeds:
    """Every merchant's products; `keep_fresh` runs in the background."""

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.monotonic) -> None:
        self._outbound = outbound
        self._clock = clock
        self._shelves: dict[str, _Shelf] = {}
        self._news = asyncio.Event()
        self._log = structlog.get_logger()

    def watch(self, pack: PackPublished) -> None:
        """Keeps the products of a newly published pack's merchant; an unchanged feed stays."""
        url, known = pack.merchant.feed_url, self._shelves.get(pack.merchant_id)
        if url is None:
            self._shelves.pop(pack.merchant_id, None)
        elif known is None or known.url != url:
            self._shelves[pack.merchant_id] = _Shelf(url, common_words(pack))
            self._news.set()

    def search(
        self, merchant_id: str, text: str, *, guess: bool = False
    ) -> tuple[Product, ...] | Missing:
        """The products that fit best; AWAY while the feed could not be read."""
        shelf = self._shelves.get(merchant_id)
        if shelf is None or shelf.items is None:
            return Missing.AWAY
        if self._clock() - shelf.fetched_at > TOO_OLD_SECONDS:
            return Missing.AWAY
        return shelf.items.search(text, shelf.common, SURE if guess else ALIKE)

    async def keep_fresh(self) -> None:
        """Fetches what is due, for ever; a feed that is away is tried again, less and less often."""
        while True:
            self._news.clear()
            for merchant_id, shelf in list(self._shelves.items()):
                if shelf.due_at <= self._clock():
                    await self._refresh(merchant_id, shelf)
            next_due = min((shelf.due_at for shelf in self._shelves.values()), default=None)
            pause = REFRESH_SECONDS if next_due is None else max(next_due - self._clock(), 0.1)
            try:
                async with asyncio.timeout(pause):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _refresh(self, merchant_id: str, shelf: _Shelf) -> None:
        try:
            await self._take_in(shelf, await self._fetch(shelf.url))
        except (
            CallFailed,
            CallRefused,
            ParseError,
            DefusedXmlException,
            LookupError,
            ValueError,
        ) as error:
            self._log.warning(
                "A product feed could not be read.",
                merchant_id=merchant_id, error=type(error).__name__,
            )  # fmt: skip
            shelf.due_at = self._clock() + shelf.pause
            shelf.pause = min(shelf.pause * 2, REFRESH_SECONDS)
            return
        shelf.fetched_at, shelf.pause = self._clock(), FIRST_RETRY_SECONDS
        shelf.due_at = shelf.fetched_at + REFRESH_SECONDS
        self._log.info(
            "Products read.",
            merchant_id=merchant_id, count=len(shelf.items or ()), bad=shelf.items.bad if shelf.items else 0,
        )  # fmt: skip

    async def _take_in(self, shelf: _Shelf, feed: bytes) -> None:
        """Makes a catalogue of the feed, unless it is the one that is known already."""
        digest = hashlib.sha256(feed).digest()
        if shelf.items is None or digest != shelf.digest:
            shelf.items = await asyncio.to_thread(parse, feed)
            shelf.digest = digest

    async def _fetch(self, url: str) -> bytes:
        answer = await self._outbound.call("GET", url, seconds=TIMEOUT_SECONDS, limit=FEED_LIMIT)
        if answer.status != OK:
            raise CallFailed(f"status_{answer.status}")
        return answer.body
