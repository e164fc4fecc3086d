"""Order look-up over real HTTP: signed, quick, honest when the shop is away, and silent in the logs."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from structlog.testing import capture_logs

from libs.contracts.content import Merchant
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.outbound import Answer, CallFailed, Outbound
from services.nlu.dialogue.state import AskShop, Missing, Parcel, ShopAnswer
from services.nlu.shop.orders import Shops
from services.nlu.shop.signed import (
    BUDGET_SECONDS,
    FAILURES_TO_OPEN,
    LONGEST_OPEN_SECONDS,
    OPEN_SECONDS,
    Breaker,
    SignedCalls,
)
from tests.builders import merchant
from tests.unit.nlu.kitchen import Request, Respond, plainly, shop_server

SECRET = f"whsec_{b64encode(b'k' * 32).decode()}"
WARRANTY = AskShop("warranty.lookup", "warranty", {"serial": "AB-1234"})
FOUND = {
    "found": True, "order_number": "10482217", "status": "sent", "carrier": "Nordbud",
    "tracking_number": "NB1", "expected_on": "2026-11-25", "pickup_point": None,
}  # fmt: skip


@dataclass
class Asked:
    """A shop, and the look-up that asks it."""

    shops: Shops
    url: str
    requests: list[Request]
    clock: list[float] = field(default_factory=lambda: [0.0])

    async def find(self, number: str = "10482217") -> Parcel | Missing:
        """Asks for an order."""
        return await self.shops.find(self.shop(), number, "nb")

    async def ask(self) -> ShopAnswer | Missing:
        """Asks what a topic of the merchant's own needs."""
        return await self.shops.ask(self.shop(), WARRANTY, "en")

    def shop(self) -> Merchant:
        """The merchant."""
        return merchant(webhook_url=f"{self.url}/prat/webhook")


@asynccontextmanager
async def asking(respond: Respond, hosts: str = "127.0.0.1") -> AsyncIterator[Asked]:
    """A shop that answers like this."""
    outbound, clock = Outbound(frozenset({hosts})), [0.0]
    async with shop_server(respond) as (url, requests):
        calls = SignedCalls(outbound, lambda _: SECRET, utc_now, clock=lambda: clock[0])
        yield Asked(Shops(calls), url, requests, clock)
    await outbound.close()


def answering(body: object) -> Respond:
    """A shop that answers with this JSON."""
    return plainly(json.dumps(body).encode())


async def test_a_parcel_is_found() -> None:
    async with asking(answering(FOUND)) as shop:
        assert await shop.find() == Parcel(
            "10482217", "sent", "Nordbud", "NB1", date(2026, 11, 25), None
        )
    sent = json.loads(shop.requests[0].body)
    assert sent.pop("timestamp")
    assert sent == {
        "type": "order.lookup",
        "data": {"merchant_id": "fjellbekk", "order_number": "10482217", "language": "nb"},
    }
    assert shop.requests[0].line == "POST /prat/webhook HTTP/1.1"


async def test_the_signature_verifies_with_the_librarys_verifier() -> None:
    async with asking(answering(FOUND)) as shop:
        await shop.find()
    request = shop.requests[0]
    assert Webhook(SECRET).verify(request.body, request.headers)["type"] == "order.lookup"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"10482217", b"10482218"), request.headers)


async def test_an_unknown_order_is_unknown() -> None:
    async with asking(answering({"found": False})) as shop:
        assert await shop.find() is Missing.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b'{"found": "perhaps"}', b'{"found": true}', b"\xff\xfe",
        json.dumps(FOUND | {"status": "lost"}).encode(),
        json.dumps(FOUND | {"order_number": "10482218"}).encode(),
        json.dumps(FOUND | {"carrier": "x" * 1000}).encode(),
        json.dumps(FOUND | {"expected_on": "soon"}).encode(),
        json.dumps(FOUND | {"more": "x" * 70_000}).encode(),
        b"[" * 60_000,
    ],
)  # fmt: skip
async def test_an_answer_that_makes_no_sense_counts_as_none(body: bytes) -> None:
    async with asking(plainly(body)) as shop:
        assert await shop.find() is Missing.AWAY


@pytest.mark.parametrize(
    ("status", "times"),
    [
        ("401 Unauthorized", 1), ("400 Bad Request", 1), ("302 Found", 1), ("404 Not Found", 1),
        ("503 Service Unavailable", 2),
    ],
)  # fmt: skip
async def test_a_refusal_is_not_repeated_and_a_failure_once(status: str, times: int) -> None:
    async with asking(plainly(b"{}", status)) as shop:
        assert await shop.find() is Missing.AWAY
    assert len(shop.requests) == times


async def test_the_second_try_is_the_same_message() -> None:
    answers = iter([plainly(b"", "500 Oops"), answering(FOUND)])

    async def respond(request: Request, writer: asyncio.StreamWriter) -> None:
        await next(answers)(request, writer)

    async with asking(respond) as shop:
        assert isinstance(await shop.find(), Parcel)
    first, second = shop.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


async def test_a_shop_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.nlu.shop.signed.TIMEOUT_SECONDS", 0.1)

    async def hang(_request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with asking(hang) as shop:
        assert await shop.find() is Missing.AWAY
        assert len(shop.requests) == 2


async def test_a_shop_that_keeps_failing_is_left_alone_for_a_while() -> None:
    respond = [plainly(b"{}", "404 Not Found")]

    async def current(request: Request, writer: asyncio.StreamWriter) -> None:
        await respond[0](request, writer)

    async with asking(current) as shop:
        for _ in range(FAILURES_TO_OPEN + 2):
            assert await shop.find() is Missing.AWAY
        assert len(shop.requests) == FAILURES_TO_OPEN
        respond[0] = answering(FOUND)
        assert await shop.find() is Missing.AWAY
        shop.clock[0] += OPEN_SECONDS
        assert isinstance(await shop.find(), Parcel)
        assert isinstance(await shop.find(), Parcel)


def test_while_it_is_open_one_call_at_a_time_tries() -> None:
    breaker = Breaker(failures=FAILURES_TO_OPEN, opened_at=0.0)
    assert [breaker.lets_through(OPEN_SECONDS + step) for step in (0.0, 1.0)] == [True, False]
    breaker.note(failed=False, now=OPEN_SECONDS)
    assert breaker.lets_through(OPEN_SECONDS + 1.0)


def test_the_pause_doubles_while_the_shop_stays_away_and_not_for_ever() -> None:
    breaker, now = Breaker(), 0.0
    pauses = []
    for _ in range(FAILURES_TO_OPEN + 6):
        breaker.note(failed=True, now=now)
        began = now
        while not breaker.lets_through(now):
            now += 5.0
        pauses.append(now - began)
    assert pauses == [0, 0, OPEN_SECONDS, 30.0, 60.0, *[LONGEST_OPEN_SECONDS] * 4]


async def test_both_tries_together_have_a_budget() -> None:
    seconds: list[float] = []

    class Slow(Outbound):
        async def call(self, *_args: object, **options: object) -> Answer:
            seconds.append(float(str(options["seconds"])))
            clock[0] += seconds[-1]
            raise CallFailed("TimeoutError")

    clock = [0.0]
    shops = Shops(SignedCalls(Slow(frozenset()), lambda _: SECRET, utc_now, clock=lambda: clock[0]))
    shop = merchant(webhook_url="https://shop.example/")
    assert await shops.find(shop, "10482217", "nb") is Missing.AWAY
    assert seconds == [2.0, 0.5]
    assert clock[0] == BUDGET_SECONDS


async def test_an_address_that_we_do_not_call_is_away() -> None:
    async with asking(answering(FOUND), hosts="shop.example") as shop:
        assert await shop.find() is Missing.AWAY
        assert not shop.requests


async def test_without_a_webhook_or_its_secret_the_shop_is_away() -> None:
    def no_secret(_merchant_id: str) -> str:
        raise ConfigurationError("The secret file is missing.", "run `prat init`.")

    outbound = Outbound(frozenset({"127.0.0.1"}))
    shops = Shops(SignedCalls(outbound, no_secret, utc_now))
    assert await shops.find(merchant(), "10482217", "nb") is Missing.AWAY
    shop = merchant(webhook_url="http://127.0.0.1:1/")
    assert await shops.find(shop, "10482217", "nb") is Missing.AWAY
    await outbound.close()


async def test_the_number_is_never_logged() -> None:
    bad = json.dumps(FOUND | {"status": "lost 10482217"}).encode()
    with capture_logs() as logs:
        for body in (bad, b"10482217", b'{"found": true, "order_number": 10482217}'):
            async with asking(plainly(body)) as shop:
                await shop.find()
    assert len(logs) == 3
    assert "10482217" not in repr(logs)


async def test_the_shops_own_topic_is_asked_signed_and_says_which_answer() -> None:
    async with asking(answering({"answer": "valid", "values": {"until": "2027-01-01"}})) as shop:
        assert await shop.ask() == ShopAnswer("valid", {"until": "2027-01-01"})
    request = shop.requests[0]
    event = Webhook(SECRET).verify(request.body, request.headers)
    assert event.pop("timestamp")
    assert event == {
        "type": "warranty.lookup",
        "data": {
            "merchant_id": "fjellbekk", "topic": "warranty", "language": "en",
            "facts": {"serial": "AB-1234"},
        },
    }  # fmt: skip


async def test_what_the_shop_does_not_find_is_unknown() -> None:
    async with asking(answering({"found": False})) as shop:
        assert await shop.ask() is Missing.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        {}, {"answer": None}, {"answer": "Valid!"}, {"answer": "x" * 41}, {"answer": ["valid"]},
        {"answer": "valid", "values": {"until": 2027}},
        {"answer": "valid", "values": {"until": "x" * 121}},
        {"answer": "valid", "values": {"no spaces": "x"}},
        {"answer": "valid", "values": {f"v_{'x' * n}": "x" for n in range(21)}},
        {"answer": "valid", "values": ["x"]},
    ],
)  # fmt: skip
async def test_an_answer_of_another_shape_counts_as_none(body: object) -> None:
    async with asking(answering(body)) as shop:
        assert await shop.ask() is Missing.AWAY


async def test_the_facts_are_never_logged() -> None:
    with capture_logs() as logs:
        async with asking(plainly(b'{"answer": "AB-1234", "values": {"AB-1234": 1}}')) as shop:
            await shop.ask()
    assert len(logs) == 1
    assert "AB-1234" not in repr(logs)


async def test_the_preview_of_a_merchant_asks_the_merchants_own_system() -> None:
    secrets: list[str] = []

    def secret_of(merchant_id: str) -> str:
        secrets.append(merchant_id)
        return SECRET

    async with asking(answering(FOUND)) as shop:
        outbound = Outbound(frozenset({"127.0.0.1"}))
        shops = Shops(SignedCalls(outbound, secret_of, utc_now))
        preview = shop.shop().model_copy(update={"id": "fjellbekk-preview"})
        assert isinstance(await shops.find(preview, "10482217", "nb"), Parcel)
        await outbound.close()
    assert json.loads(shop.requests[0].body)["data"]["merchant_id"] == "fjellbekk"
    assert secrets == ["fjellbekk"]
