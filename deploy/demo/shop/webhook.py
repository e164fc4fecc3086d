"""The order-lookup webhook: who may ask (Standard Webhooks signature), what, and only once."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from deploy.demo.shop.orders import ORDER_NUMBER, OrderBook

BODY_LIMIT = 4096
REMEMBER_SECONDS = 660.0
"""Longer than any signature stays valid: five minutes back and five ahead, and one to spare."""
REMEMBER_AT_MOST = 10_000


class _Lookup(BaseModel):
    merchant_id: str
    order_number: Annotated[str, Field(pattern=rf"^{ORDER_NUMBER.pattern}$")]
    language: Literal["nb", "sv", "da", "fi", "en"]


class _LookupEvent(BaseModel):
    type: Literal["order.lookup"]
    timestamp: AwareDatetime
    data: _Lookup


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON body that goes with it."""

    status: int
    body: dict[str, Any]


def refusal(status: int, error: str, message: str) -> Answer:
    """An error answer; `message` names the cause and the fix and never quotes what was sent."""
    return Answer(status, {"error": error, "message": message})


BAD_SIGNATURE = refusal(
    401,
    "bad_signature",
    "The signature is missing, wrong or older than five minutes: sign this body anew "
    "with the merchant's webhook secret and check the clock.",
)


def signed(webhook: Webhook, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a body was signed with the secret, and lately."""
    try:
        webhook.verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        # ValueError: the library splits and decodes headers and body without checking them.
        return False
    return True


class MissingSecretError(Exception):
    """The merchant's webhook secret is not where it should be; the shop cannot start."""


def read_secret(folder: Path, merchant: str) -> str:
    """The merchant's webhook secret from its file."""
    path = folder / f"webhook-{merchant}.secret"
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as exc:
        raise MissingSecretError(
            f"cannot read the webhook secret {path}: set PRAT_SECRETS_DIR to the folder that "
            "`prat demo` or `prat up` has filled"
        ) from exc


class WebhookDesk:
    """Answers signed look-ups. A repeated id is answered again only if the body is the same."""

    def __init__(
        self, secret: str, merchant: str, orders: OrderBook, clock: Callable[[], float] = monotonic
    ) -> None:
        self._webhook = Webhook(secret)
        self._merchant = merchant
        self._orders = orders
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, bytes, Answer]] = OrderedDict()

    def answer(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request; never raises for anything that was sent."""
        if len(body) > BODY_LIMIT:
            return refusal(413, "body_too_large", f"Send at most {BODY_LIMIT} bytes.")
        if not signed(self._webhook, headers, body):
            return BAD_SIGNATURE
        return self._once(headers["webhook-id"], hashlib.sha256(body).digest(), body)

    def _once(self, webhook_id: str, digest: bytes, body: bytes) -> Answer:
        self._forget_old()
        known = self._seen.get(webhook_id)
        if known is None:
            answer = self._look_up(body)
            self._seen[webhook_id] = (self._clock(), digest, answer)
            return answer
        if known[1] == digest:
            return known[2]
        return refusal(
            401, "replayed_id", "This webhook-id was used for another body: use a new id."
        )

    def _forget_old(self) -> None:
        oldest_allowed = self._clock() - REMEMBER_SECONDS
        while self._seen and (
            len(self._seen) >= REMEMBER_AT_MOST
            or next(iter(self._seen.values()))[0] < oldest_allowed
        ):
            self._seen.popitem(last=False)

    def _look_up(self, body: bytes) -> Answer:
        try:
            lookup = _LookupEvent.model_validate(json.loads(body)).data
        except (ValidationError, ValueError, RecursionError):
            return refusal(
                400,
                "malformed",
                "The body must be an order.lookup event with an order number of eight digits.",
            )
        if lookup.merchant_id != self._merchant:
            return refusal(400, "wrong_merchant", f"This is the order system of {self._merchant}.")
        return Answer(200, self._orders.find(lookup.order_number) or {"found": False})
