"""Webhooks to shops' own help desks: every notice at least once, in order per conversation."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from uuid import uuid4

import structlog

from libs.contracts.envelope import Event
from libs.kit.bus import AWAY
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.foundation import Foundation
from libs.kit.mongo import Session
from libs.kit.outbound import CallFailed, CallRefused, Outbound, plain_hosts
from libs.kit.signed import secret_file, signed_headers
from services.handoff.case import Case
from services.handoff.settings import HandoffSettings
from services.handoff.webhook_lanes import Due, Lane
from services.handoff.webhook_notice import Verdict, notice, pause, told, verdict
from services.handoff.webhook_store import (
    DEAD,
    DELIVERED,
    WAITING,
    Delivery,
    WebhookStore,
)

TIMEOUT_SECONDS = 10.0
"""For one try; less than the lease of a lane."""

REPLY_LIMIT = 64 * 1024

AT_ONCE = 16
"""Conversations whose notices are sent at the same time by one process."""

AT_ONCE_EACH = 4
"""Of one merchant: a help desk that answers slowly does not keep the others waiting."""

IDLE_SECONDS = 1.0
"""Whoever was told of nothing new looks for what is due this often."""

HOPELESS = frozenset({"not_https", "not_a_url", "private_address"})
"""Refusals of our own that another try would only repeat."""


TellUrl = Callable[[str], str | None]
"""Where a merchant hears of cases, or None."""


class Webhooks:
    """Sends what waits in the store; `deliver` runs in the background."""

    def __init__(
        self, store: WebhookStore, outbound: Outbound, url_of: TellUrl,
        secret_of: Callable[[str], str], *, console_url: str, now: Now = utc_now,
        owner: str | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._outbound = outbound
        self._url_of = url_of
        self._secret_of = secret_of
        self._console_url = console_url
        self._now = now
        self._owner = owner or uuid4().hex
        self._news = asyncio.Event()
        self._busy: Counter[str] = Counter()
        self._log = structlog.get_logger()

    async def tell(self, session: Session, case: Case, events: Sequence[Event]) -> None:
        """Writes what a case's events say to its shop, in their transaction; sent when it commits."""
        if self._url_of(case.merchant_id) is None:
            return
        own = [event for event in told(events) if event.case_id == case.case_id]
        bodies = [notice(event, case.skill, case.topic, self._console_url) for event in own]
        if own:
            await self._store.add(session, [*zip(own, bodies, strict=True)])

    async def forget(self, session: Session, conversation_id: str) -> Mapping[str, int]:
        """Deletes what is kept of an erased conversation's notices, delivered or not."""
        return {"deliveries": await self._store.forget(session, conversation_id)}

    async def deliver(self) -> None:
        """Sends for ever; what was begun when it is stopped is sent again by the next."""
        await self._release()
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    await self._begin(tasks)
        finally:
            await self._release()

    async def _release(self) -> None:
        with suppress(*AWAY):  # then the leases end by themselves
            await self._store.lanes.release(self._owner)

    async def _begin(self, tasks: asyncio.TaskGroup) -> None:
        """Starts on the lanes that are due; waits where none is left, or enough is going on."""
        self._news.clear()
        due = await self._due()
        lanes = await self._claim(due)
        for lane in lanes:
            self._busy[lane.merchant_id] += 1
            tasks.create_task(self._empty(lane))
        if len(lanes) == len(due):
            await self._wait_for_news()

    async def _due(self) -> list[Due]:
        """What waits longest, of merchants that are not busy, as far as there is room."""
        busy = [name for name, count in self._busy.items() if count >= AT_ONCE_EACH]
        room = AT_ONCE - self._busy.total()
        try:
            return await self._store.lanes.due(busy, room) if room else []
        except AWAY as error:
            self._log.warning("Webhooks wait.", error=type(error).__name__)
            return []

    async def _claim(self, due: Iterable[Due]) -> list[Lane]:
        """Those of the lanes that nobody else has taken, as many of each merchant as may be busy."""
        lanes: list[Lane] = []
        busy = self._busy.copy()
        try:
            for one in due:
                if busy[one.merchant_id] < AT_ONCE_EACH and (
                    lane := await self._store.lanes.claim(self._owner, one)
                ):
                    busy[one.merchant_id] += 1
                    lanes.append(lane)
        except AWAY as error:
            self._log.warning("Webhooks wait.", error=type(error).__name__)
        return lanes

    async def _wait_for_news(self) -> None:
        # Not `wait_for`: that one forgets to be cancelled when the news come at the same moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._news.wait()

    async def _empty(self, lane: Lane) -> None:
        held: Lane | None = lane
        try:
            while held:
                held = await self._send_waiting(held)
        except AWAY as error:
            # The lease ends by itself, and then the lane is taken up again.
            self._log.warning("Webhooks wait.", error=type(error).__name__)
        finally:
            self._leave(lane.merchant_id)

    def _leave(self, merchant_id: str) -> None:
        """Whoever found no room looks again; what came meanwhile is found by the next look."""
        if self._busy.total() >= AT_ONCE or self._busy[merchant_id] >= AT_ONCE_EACH:
            self._news.set()
        self._busy[merchant_id] -= 1

    async def _send_waiting(self, lane: Lane) -> Lane | None:
        """Sends what waits in a lane; None when it is done with for now."""
        for delivery in await self._store.waiting(lane):
            held = await self._store.lanes.hold(lane)
            if held is None or not await self._is_over(delivery, lane):
                return None
            lane = held
        return None if await self._store.lanes.finish(lane) else await self._store.lanes.renew(lane)

    async def _is_over(self, delivery: Delivery, lane: Lane) -> bool:
        """Tries to deliver a notice; False: it, and all behind it, wait for another try."""
        problem, may_help = await self._try(delivery)
        if problem is None:
            await self._store.note(delivery, DELIVERED)
            return True
        wait = pause(delivery.tries + 1, random.random()) if may_help else None  # noqa: S311 - no secret
        if wait is None:
            await self._bury(delivery, problem)
            return True
        await self._store.note(delivery, WAITING, problem)
        await self._store.lanes.postpone(lane, wait)
        return False

    async def _try(self, delivery: Delivery) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether another try may help."""
        url = self._url_of(delivery.merchant_id)
        if url is None:
            return "no_address", False
        if await self._store.stopped(delivery.merchant_id, url):
            return "stopped", False
        try:
            status = await self._send(url, delivery)
        except CallRefused as refused:
            return str(refused), str(refused) not in HOPELESS
        except CallFailed as failed:
            return str(failed), True
        except ConfigurationError:
            return "no_secret", True
        return await self._judged(status, url, delivery)

    async def _judged(self, status: int, url: str, delivery: Delivery) -> tuple[str | None, bool]:
        judged = verdict(status)
        if judged is Verdict.STOPPED:
            await self._store.stop(delivery.merchant_id, url)
        problem = None if judged is Verdict.DELIVERED else f"status_{status}"
        return problem, judged is Verdict.AGAIN

    async def _send(self, url: str, delivery: Delivery) -> int:
        body = delivery.body.encode()
        secret = self._secret_of(delivery.merchant_id)
        headers = signed_headers(secret, delivery.event_id, self._now(), body)
        answer = await self._outbound.call(
            "POST", url, seconds=TIMEOUT_SECONDS, limit=REPLY_LIMIT, headers=headers, content=body
        )
        return answer.status

    async def _bury(self, delivery: Delivery, problem: str) -> None:
        await self._store.note(delivery, DEAD, problem)
        self._log.error(
            "A webhook is dead-lettered: `prat webhooks` lists and replays.",
            merchant_id=delivery.merchant_id, number=delivery.number, problem=problem,
        )  # fmt: skip


def add_webhooks(base: Foundation, settings: HandoffSettings) -> Webhooks:
    """Webhooks that the service sends in the background; `CaseStore` is to tell them of changes."""
    outbound = Outbound(plain_hosts(settings.handoff_webhook_plain_hosts))
    store = WebhookStore(base.client)
    webhooks = Webhooks(
        store, outbound, case_urls(base.content), lambda name: settings.secret(secret_file(name)),
        console_url=settings.console_origin(), owner=settings.instance,
    )  # fmt: skip
    base.service.prepare.append(store.prepare)
    base.service.background.append(webhooks.deliver)
    base.service.finish.append(outbound.close)
    return webhooks


def case_urls(content: MerchantContent) -> TellUrl:
    """The addresses that merchants' newest content names."""

    def url_of(merchant_id: str) -> str | None:
        try:
            return content.get(merchant_id).merchant.case_webhook_url
        except Refused:
            return None

    return url_of
