"""Signed calls to a merchant's own system (Standard Webhooks): never for long, and not while it fails."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from libs.contracts.content import Merchant
from libs.kit.clock import Now
from libs.kit.outbound import Answer, CallFailed, CallRefused, Outbound
from libs.kit.signed import signed_headers
from services.nlu.authoring.previews import real_id

TIMEOUT_SECONDS = 2.0
"""For one try."""

BUDGET_SECONDS = 2.5
"""For both tries: a visitor waits, and so do others behind the same partition."""

LEAST_SECONDS = 0.2
"""A second try with less time than this left would only fail as well."""

REPLY_LIMIT = 64 * 1024

FAILURES_TO_OPEN = 3
"""After so many failed calls in a row the shop is not asked for a while."""

OPEN_SECONDS = 15.0
"""The first pause; it doubles each time that the one call after it fails, too."""

LONGEST_OPEN_SECONDS = 120.0

SERVER_ERROR = 500


@dataclass
class Breaker:
    """Stops asking a shop that keeps failing; after a pause one call may try again."""

    failures: int = 0
    opened_at: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether a call may be made now; a call after the pause moves the pause on."""
        if self.failures < FAILURES_TO_OPEN:
            return True
        if now - self.opened_at < self._pause():
            return False
        self.opened_at = now
        return True

    def note(self, *, failed: bool, now: float) -> None:
        """Takes the end of a call into account."""
        self.failures = self.failures + 1 if failed else 0
        if failed:
            self.opened_at = now

    def _pause(self) -> float:
        doublings = min(self.failures - FAILURES_TO_OPEN, 8)
        return min(OPEN_SECONDS * 2.0**doublings, LONGEST_OPEN_SECONDS)


class SignedCalls:
    """One call at a time to each merchant's webhook address, signed with the merchant's secret."""

    def __init__(
        self,
        outbound: Outbound,
        secret_of: Callable[[str], str],
        now: Now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbound = outbound
        self._secret_of = secret_of
        self._now = now
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    def may_ask(self, merchant: Merchant) -> bool:
        """Whether the merchant has an address, and it has not kept failing."""
        return merchant.webhook_url is not None and self._breaker(merchant).lets_through(
            self._clock()
        )

    def note(self, merchant: Merchant, *, failed: bool) -> None:
        """Tells how a call ended: with an answer that could be used, or not."""
        self._breaker(merchant).note(failed=failed, now=self._clock())

    async def post(self, merchant: Merchant, body: bytes) -> Answer:
        """The answer to a signed body, asked at most twice under one id within the budget.

        Raises CallFailed, CallRefused, or ConfigurationError without the merchant's secret.
        """
        headers, began = self._signed(real_id(merchant.id), body), self._clock()
        try:
            answer = await self._once(merchant, body, headers, TIMEOUT_SECONDS)
        except CallFailed:
            answer = None
        left = BUDGET_SECONDS - (self._clock() - began)
        if answer is not None and (answer.status < SERVER_ERROR or left < LEAST_SECONDS):
            return answer
        if left < LEAST_SECONDS:
            raise CallFailed("out_of_time")
        return await self._once(merchant, body, headers, min(left, TIMEOUT_SECONDS))

    async def _once(
        self, merchant: Merchant, body: bytes, headers: dict[str, str], seconds: float
    ) -> Answer:
        if merchant.webhook_url is None:
            raise CallRefused("no_address")
        return await self._outbound.call(
            "POST", merchant.webhook_url, seconds=seconds, limit=REPLY_LIMIT,
            headers=headers, content=body,
        )  # fmt: skip

    def _breaker(self, merchant: Merchant) -> Breaker:
        return self._breakers.setdefault(merchant.id, Breaker())

    def _signed(self, merchant_id: str, body: bytes) -> dict[str, str]:
        return signed_headers(self._secret_of(merchant_id), f"msg_{uuid4().hex}", self._now(), body)
