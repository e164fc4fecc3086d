"""The merchant's own system: asked where an order is, or what a topic of the merchant's own needs."""

from collections.abc import Awaitable
from datetime import date
from typing import Annotated, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from libs.contracts.content import Language, Merchant
from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.outbound import Answer, CallFailed, CallRefused
from services.nlu.authoring.previews import real_id
from services.nlu.dialogue.state import AskShop, Missing, Parcel, ShopAnswer, Status
from services.nlu.shop.signed import SignedCalls

OK = 200
MOST_VALUES = 20

FoundT = TypeVar("FoundT")
ShopText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class _Reply(BaseModel):
    """Base of what a shop may answer; anything else counts as no answer."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    found: bool = True


class _OrderReply(_Reply):
    found: bool
    order_number: ShopText | None = None
    status: Status | None = None
    carrier: ShopText | None = None
    tracking_number: ShopText | None = None
    expected_on: date | None = None
    pickup_point: ShopText | None = None


class _OwnReply(_Reply):
    answer: Name | None = None
    values: Annotated[dict[Name, ShopText], Field(max_length=MOST_VALUES)] = Field(
        default_factory=dict
    )


class _OrderData(BaseModel):
    merchant_id: str
    order_number: str
    language: Language


class _OwnData(BaseModel):
    merchant_id: str
    topic: str
    language: Language
    facts: dict[str, str]


class _Event(BaseModel):
    """What the shop is asked."""

    type: str
    timestamp: str
    data: _OrderData | _OwnData


class Shops:
    """Asks shops; answers honestly when they cannot be asked, and never raises."""

    def __init__(self, calls: SignedCalls, now: Now = utc_now) -> None:
        self._calls = calls
        self._now = now
        self._log = structlog.get_logger()

    async def find(
        self, merchant: Merchant, order_number: str, language: Language
    ) -> Parcel | Missing:
        """The parcel, or why there is none; never logs the number."""
        data = _OrderData(
            merchant_id=real_id(merchant.id), order_number=order_number, language=language
        )
        return await self._asked(merchant, self._parcel(merchant, data))

    async def ask(
        self, merchant: Merchant, errand: AskShop, language: Language
    ) -> ShopAnswer | Missing:
        """Which answer the shop wants said, or why there is none; never logs the facts."""
        data = _OwnData(
            merchant_id=real_id(merchant.id),
            topic=errand.topic,
            language=language,
            facts=dict(errand.facts),
        )
        return await self._asked(merchant, self._own(merchant, errand.type, data))

    async def _asked(
        self, merchant: Merchant, asking: Awaitable[FoundT | Missing]
    ) -> FoundT | Missing:
        finding: FoundT | Missing = Missing.AWAY
        try:
            finding = await asking
        except _Resting:
            return finding
        except (CallFailed, CallRefused, ConfigurationError, ValidationError) as error:
            self._log.warning(
                "The shop's own system gave no usable answer.",
                merchant_id=merchant.id, error=type(error).__name__,
                reason=str(error) if isinstance(error, CallFailed | CallRefused) else None,
            )  # fmt: skip
        self._calls.note(merchant, failed=finding is Missing.AWAY)
        return finding

    async def _parcel(self, merchant: Merchant, data: _OrderData) -> Parcel | Missing:
        answer = await self._post(merchant, "order.lookup", data)
        reply = _OrderReply.model_validate_json(answer.body)
        if not reply.found:
            return Missing.UNKNOWN
        if reply.order_number != data.order_number or reply.status is None:
            raise CallRefused("other_order")
        return Parcel(
            order_number=reply.order_number,
            status=reply.status,
            carrier=reply.carrier,
            tracking_number=reply.tracking_number,
            expected_on=reply.expected_on,
            pickup_point=reply.pickup_point,
        )

    async def _own(self, merchant: Merchant, event: str, data: _OwnData) -> ShopAnswer | Missing:
        reply = _OwnReply.model_validate_json((await self._post(merchant, event, data)).body)
        if not reply.found:
            return Missing.UNKNOWN
        if reply.answer is None:
            raise CallRefused("no_answer")
        return ShopAnswer(reply.answer, reply.values)

    async def _post(self, merchant: Merchant, event: str, data: _OrderData | _OwnData) -> Answer:
        if not self._calls.may_ask(merchant):
            raise _Resting
        body = _Event(type=event, timestamp=self._now().isoformat(), data=data)
        answer = await self._calls.post(merchant, body.model_dump_json().encode())
        if answer.status != OK:
            raise CallRefused(f"status_{answer.status}")
        return answer


class _Resting(Exception):
    """The shop is not asked now: it has no address, or has kept failing."""
