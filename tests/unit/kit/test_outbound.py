"""The way out: only to public addresses by TLS, within time and size, and never on a redirect."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from libs.kit.outbound import CallFailed, CallRefused, Outbound, is_public
from tests.unit.nlu.kitchen import Request, plainly, shop_server

HERE = frozenset({"127.0.0.1"})


async def call(url: str, hosts: frozenset[str] = HERE, seconds: float = 1.0) -> bytes:
    """What a GET brings."""
    outbound = Outbound(hosts)
    try:
        return (await outbound.call("GET", url, seconds=seconds, limit=100)).body
    finally:
        await outbound.close()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::7f00:1", "::10.0.0.1", "::2",
        "::ffff:0:127.0.0.1", "64:ff9b:1::a9fe:a9fe", "fec0::1", "5f00::1", "3fff::1", "2001:db8::1",
        "100::1", "2001:0:a9fe:a9fe::5601:5601", "2001::1", "2002:a9fe:a9fe::", "::ffff:169.254.169.254",
        "::ffff:168.63.129.16", "168.63.129.16", "192.88.99.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "240.0.0.1", "0.1.2.3", "100.100.100.200", "fd00:ec2::254",
        "64:ff9b::6440:1", "ff0e::1",
    ],
)  # fmt: skip
def test_private_addresses_are_seen_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::101:101"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "https://127.0.0.1/", "https://localhost/", "http://shop.example/",
        "https://user:pw@127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://[::1]/",
        "https://2130706433/", "not a url", "", "https://",
    ],
)  # fmt: skip
async def test_calls_that_are_not_made(url: str) -> None:
    with pytest.raises((CallRefused, CallFailed)):
        await call(url, frozenset())


async def test_a_plain_host_is_called_only_when_it_is_allowed() -> None:
    async with shop_server(plainly(b"here")) as (url, requests):
        assert await call(url) == b"here"
        with pytest.raises(CallRefused):
            await call(url, frozenset())
        assert len(requests) == 1


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], []])
async def test_a_name_that_may_lead_inside_is_not_called(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = watch(monkeypatch, addresses)
    with pytest.raises(CallRefused, match="private_address"):
        await call("https://shop.example/")
    assert not asked


async def test_the_address_that_was_checked_is_called_under_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = watch(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])
    assert await call("https://shop.example:8443/orders") == b"here"
    assert str(asked[0].url) == "https://1.1.1.1:8443/orders"
    assert asked[0].headers["host"] == "shop.example:8443"
    assert asked[0].extensions["sni_hostname"] == "shop.example"


def watch(monkeypatch: pytest.MonkeyPatch, *found: list[str]) -> list[httpx.Request]:
    """What is asked over the net from now on; each time a name is looked up it is found elsewhere."""
    asked: list[httpx.Request] = []
    elsewhere = iter(found)

    async def look_up(_host: str, port: int, **_options: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in next(elsewhere)]

    async def answer(_transport: object, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"here"))

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    return asked


async def test_a_redirect_is_not_followed() -> None:
    async def away(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n")

    async with shop_server(away) as (url, requests):
        assert await call(url) == b""
        assert len(requests) == 1


async def test_an_endless_answer_is_cut_off() -> None:
    async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    async with shop_server(endless) as (url, _):
        with pytest.raises(CallRefused, match="too_large"):
            await call(url)


async def test_an_answer_in_drops_ends_when_the_time_is_over() -> None:
    async def drops(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n")
        for _ in range(90):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with shop_server(drops) as (url, _):
        began = time.monotonic()
        with pytest.raises(CallFailed, match="TimeoutError"):
            await call(url, seconds=0.2)
        assert time.monotonic() - began < 2


async def test_nobody_there_is_a_failure_that_may_be_tried_again() -> None:
    async with shop_server(plainly(b"")) as (url, _):
        pass
    with pytest.raises(CallFailed):
        await call(url)
