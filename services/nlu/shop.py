"""The merchant's own order system, asked by a signed webhook (Standard Webhooks)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import uuid4

import structlog
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from standardwebhooks import Webhook

from libs.contracts.content import Language, Merchant
from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError
from services.nlu.dialogue import Missing, Parcel, Status
from services.nlu.outbound import Answer, CallFailed, CallRefused, Outbound

TIMEOUT_SECONDS = 2.0
REPLY_LIMIT = 64 * 1024

FAILURES_TO_OPEN = 3
"""After so many failed look-ups in a row the shop is not asked for a while."""

OPEN_SECONDS = 15.0

OK = 200
SERVER_ERROR = 500

ShopText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class _Reply(BaseModel):
    """What the shop may answer; anything else counts as no answer."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    found: bool
    order_number: ShopText | None = None
    status: Status | None = None
    carrier: ShopText | None = None
    tracking_number: ShopText | None = None
    expected_on: date | None = None
    pickup_point: ShopText | None = None


class _Event(BaseModel):
    """What the shop is asked."""

    class Data(BaseModel):
        """The question's facts."""

        merchant_id: str
        order_number: str
        language: Language

    type: Literal["order.lookup"] = "order.lookup"
    timestamp: str
    data: Data


@dataclass
class Breaker:
    """Stops asking a shop that keeps failing; after a pause one call may try again."""

    failures: int = 0
    opened_at: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether a call may be made now; a call after the pause moves the pause on."""
        if self.failures < FAILURES_TO_OPEN:
            return True
        if now - self.opened_at < OPEN_SECONDS:
            return False
        self.opened_at = now
        return True

    def note(self, *, failed: bool, now: float) -> None:
        """Takes the end of a call into account."""
        self.failures = self.failures + 1 if failed else 0
        if failed:
            self.opened_at = now


class OrderLookup:
    """Asks shops where an order is; answers honestly when they cannot be asked."""

    def __init__(
        self,
        outbound: Outbound,
        secret_of: Callable[[str], str],
        now: Now = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbound = outbound
        self._secret_of = secret_of
        self._now = now
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._log = structlog.get_logger()

    async def find(
        self, merchant: Merchant, order_number: str, language: Language
    ) -> Parcel | Missing:
        """The parcel, or why there is none; never raises, never logs the number."""
        breaker = self._breakers.setdefault(merchant.id, Breaker())
        if merchant.webhook_url is None or not breaker.lets_through(self._clock()):
            return Missing.AWAY
        try:
            finding = _finding(await self._ask(merchant, order_number, language), order_number)
        except (CallFailed, CallRefused, ConfigurationError, ValidationError) as error:
            self._log.warning(
                "The shop's order system gave no usable answer.",
                merchant_id=merchant.id, error=type(error).__name__,
                reason=str(error) if isinstance(error, CallFailed | CallRefused) else None,
            )  # fmt: skip
            finding = Missing.AWAY
        breaker.note(failed=finding is Missing.AWAY, now=self._clock())
        return finding

    async def _ask(self, merchant: Merchant, order_number: str, language: Language) -> Answer:
        data = _Event.Data(merchant_id=merchant.id, order_number=order_number, language=language)
        body = _Event(timestamp=self._now().isoformat(), data=data).model_dump_json().encode()
        headers = self._signed(merchant.id, body)
        for last in (False, True):
            try:
                answer = await self._outbound.call(
                    "POST", merchant.webhook_url or "", seconds=TIMEOUT_SECONDS, limit=REPLY_LIMIT,
                    headers=headers, content=body,
                )  # fmt: skip
                if answer.status < SERVER_ERROR or last:
                    break
            except CallFailed:
                if last:
                    raise
        return answer

    def _signed(self, merchant_id: str, body: bytes) -> dict[str, str]:
        message_id, at = f"msg_{uuid4().hex}", self._now()
        signature = Webhook(self._secret_of(merchant_id)).sign(message_id, at, body.decode())
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }


def _finding(answer: Answer, order_number: str) -> Parcel | Missing:
    if answer.status != OK:
        raise CallRefused(f"status_{answer.status}")
    reply = _Reply.model_validate_json(answer.body)
    if not reply.found:
        return Missing.UNKNOWN
    if reply.order_number != order_number or reply.status is None:
        raise CallRefused("other_order")
    return Parcel(
        order_number=reply.order_number,
        status=reply.status,
        carrier=reply.carrier,
        tracking_number=reply.tracking_number,
        expected_on=reply.expected_on,
        pickup_point=reply.pickup_point,
    )
