"""Calls to merchants' own systems: only where we may, never for long, never more than a set size."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is routed in the open; old ways to write an IPv4 address lie outside of it."""

_NOT_OPEN = (
    IPv6Network("3fff::/20"), IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
)  # fmt: skip
"""What Python takes for public: for documents, protocols, relays of old, and a cloud's own host."""


class CallRefused(Exception):
    """We do not make this call, or do not take its answer: trying again would change nothing."""


class CallFailed(Exception):
    """The other side could not be reached or did not answer in time: trying again may help."""


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer; redirects are answers like any other."""

    status: int
    body: bytes


class Outbound:
    """The only way out; the hosts `plain` may be called without TLS and on private addresses."""

    def __init__(self, plain: frozenset[str]) -> None:
        self._plain_hosts = plain
        # No proxies or credentials from the environment, and no redirects: they would lead
        # where nothing was checked. The time limit is `call`'s, as it covers the whole call.
        self._http = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        limit: int,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """One call, name look-up and body included within `seconds`; at most `limit` bytes back."""
        try:
            async with asyncio.timeout(seconds):
                request = await self._request(method, httpx.URL(url), headers or {}, content)
                return await self._send(request, limit)
        except httpx.InvalidURL:
            raise CallRefused("not_a_url") from None
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            raise CallFailed(type(error).__name__) from None

    async def _request(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        # Bodies are read as they are: a small compressed answer could unpack to any size.
        asked = {**headers, "accept-encoding": "identity", "host": url.netloc.decode("ascii")}
        extensions = {}
        if url.host not in self._plain_hosts:
            if url.scheme != "https" or url.userinfo:
                raise CallRefused("not_https")
            # The address that was checked is the one connected to, so that a name cannot change
            # its mind in between; the certificate is still checked against the name.
            extensions["sni_hostname"] = url.host
            url = url.copy_with(host=await _public_address(url.host, url.port or 443))
        return self._http.build_request(
            method, url, headers=asked, content=content, extensions=extensions
        )

    async def _send(self, request: httpx.Request, limit: int) -> Answer:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > limit:
                    raise CallRefused("too_large")
            return Answer(response.status_code, bytes(body))
        finally:
            await response.aclose()


def plain_hosts(names: str) -> frozenset[str]:
    """The hosts of a setting, separated by commas."""
    return frozenset(name.strip() for name in names.split(",") if name.strip())


def is_public(address: str) -> bool:
    """Whether an address lies in the open internet, also when an IPv4 address hides in an IPv6 one."""
    ip = ip_address(address.partition("%")[0])
    inner = _hidden_ipv4(ip) if isinstance(ip, IPv6Address) else None
    seen = inner or ip
    if isinstance(seen, IPv6Address) and seen not in _UNICAST:
        return False
    is_open = not any(seen in network for network in _NOT_OPEN)
    return is_open and seen.is_global and not seen.is_multicast


def _hidden_ipv4(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


async def _public_address(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise CallRefused("private_address")
    return addresses[0]
