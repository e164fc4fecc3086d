"""A provider of OpenID Connect: where people log in, and what it says of them, checked.

The authorization code flow with PKCE (RFC 7636), as OpenID Connect Core 1.0 and RFC 9700 ask for it.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError, PratError, Unavailable

ALGORITHMS = ("RS256", "ES256")
"""Signatures with the provider's private key; never `none`, never one with a shared secret."""

SKEW = timedelta(seconds=60)
"""So far may the provider's clock be from ours."""

FRESH = timedelta(minutes=10)
"""A token is fetched by ourselves, at once: an old one was kept by somebody."""

LOOKED_UP_AGAIN = timedelta(hours=1)
KEYS_AT_MOST_EVERY = timedelta(seconds=30)
"""A token with an unknown key makes us look for new ones, but not at anybody's pace."""

SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NotProven(PratError):
    """The provider did not prove who this is; `reason` is a stable code without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Client:
    """Who we are to the provider; without a secret PKCE alone protects the code."""

    issuer: str
    client_id: str
    redirect_url: str
    secret: str = ""


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as the provider says; `email` is empty where it is not verified."""

    issuer: str
    subject: str
    email: str


class Provider:
    """The provider of `client`; what it publishes of itself is looked up when it is needed."""

    def __init__(
        self, client: Client, now: Now = utc_now, http: httpx.AsyncClient | None = None
    ) -> None:
        require_safe(client.issuer)
        self.client = client
        self._now = now
        self._http = http or httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)
        self._published: dict[str, Any] = {}
        self._keys = KeySet([])
        epoch = now() - 2 * LOOKED_UP_AGAIN
        self._published_at, self._keys_at = epoch, epoch

    async def close(self) -> None:
        """Closes the connections; called when the service stops."""
        await self._http.aclose()

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to log in; raises Unavailable."""
        query = {
            "response_type": "code", "client_id": self.client.client_id, "scope": "openid email",
            "redirect_uri": self.client.redirect_url, "state": state, "nonce": nonce,
            "code_challenge": challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = await self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def identity(self, code: str, nonce: str, verifier: str) -> Identity:
        """Whose log-in this code stands for; raises NotProven and Unavailable."""
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self.client.redirect_url, "client_id": self.client.client_id,
        }  # fmt: skip
        endpoint = await self._endpoint("token_endpoint")
        answer = await self._ask("POST", endpoint, data=form, auth=self._proof())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotProven("no_id_token")
        return self._checked(await self._claims(token), nonce)

    async def _claims(self, token: str) -> dict[str, Any]:
        if self._now() - self._keys_at > LOOKED_UP_AGAIN:
            await self._fetch_keys()
        try:
            return self._read(token)
        except NotProven:
            if self._now() - self._keys_at < KEYS_AT_MOST_EVERY:
                raise
        await self._fetch_keys()
        return self._read(token)

    def _read(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            raise NotProven("bad_signature") from None

    def _checked(self, claims: dict[str, Any], nonce: str) -> Identity:
        now, skew = self._now().timestamp(), SKEW.total_seconds()
        checks = {
            "wrong_issuer": claims.get("iss") == self.client.issuer,
            "wrong_audience": self._is_for_us(claims),
            "expired": _number(claims, "exp", 0) > now - skew,
            "not_yet": _number(claims, "iat", 0) < now + skew > _number(claims, "nbf", 0),
            "too_old": _number(claims, "iat", 0) > now - FRESH.total_seconds(),
            "wrong_nonce": hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()),
            "no_subject": isinstance(claims.get("sub"), str) and bool(claims.get("sub")),
        }
        if failed := [reason for reason, passed in checks.items() if not passed]:
            raise NotProven(failed[0])
        verified = claims.get("email_verified") is True
        email = str(claims.get("email", "")) if verified else ""
        return Identity(self.client.issuer, claims["sub"], email)

    def _is_for_us(self, claims: dict[str, Any]) -> bool:
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        # A token for several is for the one that it was given to: Core 1.0, 3.1.3.7.
        party = claims.get("azp", self.client.client_id if len(named) == 1 else None)
        return self.client.client_id in named and party == self.client.client_id

    def _proof(self) -> httpx.BasicAuth | None:
        """Our secret in the header, with both parts encoded as RFC 6749, 2.3.1 asks for it."""
        secret = quote(self.client.secret, safe="")
        return httpx.BasicAuth(quote(self.client.client_id, safe=""), secret) if secret else None

    async def _endpoint(self, name: str) -> str:
        if self._now() - self._published_at > LOOKED_UP_AGAIN:
            await self._discover()
        endpoint = str(self._published.get(name, ""))
        require_safe(endpoint)
        return endpoint

    async def _discover(self) -> None:
        address = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
        published = await self._ask("GET", address)
        if published.get("issuer") != self.client.issuer:
            raise NotProven("wrong_issuer")
        self._published, self._published_at = published, self._now()

    async def _fetch_keys(self) -> None:
        self._keys_at = self._now()
        found = await self._ask("GET", await self._endpoint("jwks_uri"))
        try:
            self._keys = KeySet.import_key_set({"keys": found["keys"]})
        except (JoseError, KeyError, TypeError, ValueError):
            raise NotProven("bad_keys") from None

    async def _ask(self, method: str, address: str, **given: Any) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, address, **given)
            body = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            raise Unavailable("The provider of log-ins does not answer.") from None
        if answer.is_server_error:
            raise Unavailable("The provider of log-ins does not answer.")
        if not isinstance(body, dict):
            raise NotProven("refused")
        return body


def challenge(verifier: str) -> str:
    """What is sent ahead of a verifier (RFC 7636, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def require_safe(address: str) -> None:
    """Raises ConfigurationError for an address without TLS; this machine needs none."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return
    raise ConfigurationError(
        "The provider of log-ins has an address without TLS.",
        "give an https:// address in PRAT_OIDC_ISSUER, and let its document name such ones.",
    )


def _number(claims: dict[str, Any], name: str, otherwise: float) -> float:
    """A time of the token; one that is no number passes no comparison."""
    value = claims.get(name, otherwise)
    return value if isinstance(value, int | float) else float("nan")
