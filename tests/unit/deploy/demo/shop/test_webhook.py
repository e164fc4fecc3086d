"""Who may ask the order system, what it answers, and that nobody may ask twice."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.demo.shop.orders import OrderBook
from deploy.demo.shop.webhook import (
    BODY_LIMIT,
    REMEMBER_SECONDS,
    MissingSecretError,
    WebhookDesk,
    read_secret,
)

OTHER_SECRET = "whsec_b3RoZXIgc2VjcmV0IG9mIGEgdGVzdA=="
SENT = "10482217"
Ask = Callable[..., Awaitable[httpx.Response]]


def lookup(order_number: str = SENT, **changes: Any) -> str:
    data = {"merchant_id": "fjellbekk", "order_number": order_number, "language": "nb"} | changes
    return json.dumps(
        {"type": "order.lookup", "timestamp": "2026-11-23T10:00:00+00:00", "data": data}
    )


def headers(
    body: str, secret: str, webhook_id: str = "msg_1", age: timedelta = timedelta()
) -> dict[str, str]:
    at = datetime.now(UTC) - age
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body),
    }


@pytest.fixture
def ask(fjellbekk: httpx.AsyncClient, secret: str) -> Ask:
    async def send(body: str, **signing: Any) -> httpx.Response:
        signed = headers(body, **({"secret": secret} | signing))
        return await fjellbekk.post("/prat/webhook", content=body, headers=signed)

    return send


class TestSignature:
    async def test_a_signed_lookup_is_answered(self, ask: Ask) -> None:
        answer = await ask(lookup())
        assert answer.status_code == 200
        assert answer.json().keys() == {
            "found", "order_number", "status", "carrier", "tracking_number",
            "expected_on", "pickup_point",
        }  # fmt: skip
        assert answer.json()["status"] == "sent"

    @pytest.mark.parametrize(
        "signing",
        [
            {"secret": OTHER_SECRET},
            {"age": timedelta(minutes=5, seconds=5)},
            {"age": -timedelta(minutes=5, seconds=5)},
        ],
        ids=["wrong key", "old", "from the future"],
    )
    async def test_refused(self, ask: Ask, signing: dict[str, Any]) -> None:
        answer = await ask(lookup(), **signing)
        assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")

    async def test_a_changed_body_is_refused(
        self, fjellbekk: httpx.AsyncClient, secret: str
    ) -> None:
        signed = headers(lookup(), secret)
        answer = await fjellbekk.post("/prat/webhook", content=lookup("10482210"), headers=signed)
        assert answer.status_code == 401

    @pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    async def test_a_missing_header_is_refused(
        self, fjellbekk: httpx.AsyncClient, secret: str, missing: str
    ) -> None:
        signed = headers(lookup(), secret)
        del signed[missing]
        assert (
            await fjellbekk.post("/prat/webhook", content=lookup(), headers=signed)
        ).status_code == 401

    @pytest.mark.parametrize("signature", ["v1", "v1,!", "v1,a,b", "v2,AAAA", ",", "nonsense"])
    async def test_a_signature_in_another_form_is_refused(
        self, fjellbekk: httpx.AsyncClient, secret: str, signature: str
    ) -> None:
        signed = headers(lookup(), secret) | {"webhook-signature": signature}
        assert (
            await fjellbekk.post("/prat/webhook", content=lookup(), headers=signed)
        ).status_code == 401

    async def test_bytes_that_are_no_text_are_refused(
        self, fjellbekk: httpx.AsyncClient, secret: str
    ) -> None:
        answer = await fjellbekk.post(
            "/prat/webhook", content=b"\xff\xfe", headers=headers(lookup(), secret)
        )
        assert answer.status_code == 401


class TestReplay:
    async def test_an_identical_retry_is_answered_the_same(self, ask: Ask) -> None:
        assert (await ask(lookup())).json() == (
            await ask(lookup(), age=timedelta(seconds=-1))
        ).json()

    async def test_an_id_used_for_another_body_is_refused(self, ask: Ask) -> None:
        await ask(lookup())
        answer = await ask(lookup("10482210"))
        assert (answer.status_code, answer.json()["error"]) == (401, "replayed_id")

    async def test_another_id_is_a_new_request(self, ask: Ask) -> None:
        await ask(lookup())
        assert (await ask(lookup("10482210"), webhook_id="msg_2")).json()["status"] == "received"

    async def test_an_unsigned_request_does_not_use_up_an_id(self, ask: Ask) -> None:
        await ask(lookup("10482210"), secret=OTHER_SECRET)
        assert (await ask(lookup())).status_code == 200

    def test_ids_are_remembered_longer_than_a_signature_is_valid_and_then_forgotten(
        self, secret: str
    ) -> None:
        now = 0.0
        desk = WebhookDesk(secret, "fjellbekk", NoOrders(), clock=lambda: now)
        first, other = lookup("10000001"), lookup("10000002")
        desk.answer(headers(first, secret), first.encode())
        now = REMEMBER_SECONDS
        assert desk.answer(headers(other, secret), other.encode()).status == 401
        now = REMEMBER_SECONDS + 1
        assert desk.answer(headers(other, secret), other.encode()).status == 200


class NoOrders(OrderBook):
    """An order book that is empty."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))

    def find(self, order_number: str) -> None:
        return None


class TestBody:
    async def test_an_unknown_order(self, ask: Ask) -> None:
        answer = await ask(lookup("99999999"))
        assert (answer.status_code, answer.json()) == (200, {"found": False})

    @pytest.mark.parametrize(
        "number",
        ["", "1048221", "104822170", "1048221a", "\u0661048221\u0667", "10482217\n", " 10482217"],
    )
    async def test_a_malformed_number(self, ask: Ask, number: str) -> None:
        answer = await ask(lookup(number))
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")

    @pytest.mark.parametrize(
        "body", ["", "{", "[]", "null", '{"type": "order.lookup"}', "[" * 4000, "NaN"]
    )
    async def test_a_body_that_is_no_lookup(self, ask: Ask, body: str) -> None:
        assert (await ask(body)).status_code == 400

    async def test_another_event_type(self, ask: Ask) -> None:
        assert (await ask(lookup().replace("order.lookup", "order.cancel"))).status_code == 400

    async def test_another_merchant(self, ask: Ask) -> None:
        answer = await ask(lookup(merchant_id="havsro"))
        assert (answer.status_code, answer.json()["error"]) == (400, "wrong_merchant")

    async def test_a_later_optional_field_is_ignored(self, ask: Ask) -> None:
        assert (await ask(lookup(urgency="high"))).status_code == 200

    async def test_a_huge_body_is_refused_before_it_is_read_to_its_end(self, ask: Ask) -> None:
        answer = await ask(lookup(order_number=SENT, note="x" * 2_000_000))
        assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")

    async def test_the_largest_allowed_body_is_read(self, ask: Ask) -> None:
        body = lookup()
        assert (await ask(body + " " * (BODY_LIMIT - len(body)))).status_code == 200

    async def test_an_error_does_not_quote_what_was_sent(self, ask: Ask) -> None:
        assert "PLANTED" not in (await ask(lookup("PLANTED"))).text


class TestRoutes:
    async def test_get_is_not_allowed(self, fjellbekk: httpx.AsyncClient) -> None:
        answer = await fjellbekk.get("/prat/webhook")
        assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")

    async def test_an_unknown_address(self, fjellbekk: httpx.AsyncClient) -> None:
        answer = await fjellbekk.post("/prat/other")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_a_missing_secret_names_the_file_and_the_fix(tmp_path: Path) -> None:
    with pytest.raises(MissingSecretError, match=r"webhook-fjellbekk\.secret: set PRAT_SECRETS"):
        read_secret(tmp_path, "fjellbekk")
