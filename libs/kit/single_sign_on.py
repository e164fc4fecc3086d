"""People log in by their company's provider: two addresses, and accounts that must exist already."""

import hmac
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.doorway import Doorway, address_of
from libs.kit.errors import ConfigurationError, Refused, Unavailable
from libs.kit.mongo import Client, Collection, Document, alive, database, ensure
from libs.kit.oidc import Identity, NotProven, Provider
from libs.kit.tries import PER_ADDRESS, Tries

TIME = timedelta(minutes=10)
"""So long may somebody take with the provider."""

BEGUN = Collection("sign_on_tries", expiring=True, required={"nonce": "string"}, lives=TIME)


class BegunLogIns:
    """Log-ins that were begun and not finished, by the hash of their state; each ends once."""

    def __init__(self, client: Client, service: str, now: Now = utc_now) -> None:
        self._db = database(client, service)
        self._rows = self._db[BEGUN.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (BEGUN,))

    async def begin(self) -> tuple[str, str, str]:
        """The state, nonce and verifier of a new log-in."""
        state, nonce, verifier = (token_urlsafe(48) for _ in range(3))
        await self._rows.insert_one({
            "_id": _hash(state), "nonce": nonce, "verifier": verifier,
            "expires_at": self._now() + TIME,
        })  # fmt: skip
        return state, nonce, verifier

    async def end(self, state: str) -> Document | None:
        """The log-in of this state, which is used up by asking; None for one that is not begun."""
        return await self._rows.find_one_and_delete({"_id": _hash(state)} | alive(self._now()))


class SingleSignOn:
    """The addresses `/api/oidc/start` and `/api/oidc/callback` of a page.

    Where a log-in fails the page is opened with `?sign_in=CODE`: sso_denied, sso_expired, sso_failed,
    sso_unavailable or sso_unknown_account.
    """

    def __init__(
        self, doorway: Doorway[Any], provider: Provider, begun: BegunLogIns, now: Now = utc_now
    ) -> None:
        self._doorway = doorway
        self._provider = provider
        self._begun = begun
        self._accounts: Accounts = doorway.people.accounts
        self._tries = Tries(self._accounts, now)
        self._cookie = f"{doorway.cookie}_sign_on"

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [Route("/api/oidc/start", self.start), Route("/api/oidc/callback", self.callback)]

    async def start(self, request: Request) -> Response:
        """Sends the browser to the provider; a cookie ties the log-in to this browser."""
        try:
            await self._tries.count(PER_ADDRESS, address_of(request))
            state, nonce, verifier = await self._begun.begin()
            answer = RedirectResponse(await self._provider.address(state, nonce, verifier), 303)
        except (Refused, Unavailable, NotProven, ConfigurationError) as error:
            return self._failed(error)
        answer.set_cookie(
            self._cookie, state, max_age=int(TIME.total_seconds()), path="/api/oidc", httponly=True,
            # Not strict: the provider's page is the one that sends the browser back.
            samesite="lax", secure=self._doorway.secure_cookies,
        )  # fmt: skip
        return answer

    async def callback(self, request: Request) -> Response:
        """Takes the browser back with the provider's code, and opens a session."""
        try:
            account = await self._account(await self._identity(request))
        except (Refused, Unavailable, NotProven, ConfigurationError) as error:
            return self._failed(error)
        _person, token = await self._doorway.people.enter(account, "log_in_by_provider")
        answer = await self._doorway.with_session(request, RedirectResponse("/", 303), token)
        answer.delete_cookie(self._cookie, path="/api/oidc", httponly=True, samesite="lax")
        return answer

    async def _identity(self, request: Request) -> Identity:
        given = request.query_params
        state, cookie = given.get("state", ""), request.cookies.get(self._cookie, "")
        begun = await self._begun.end(state) if state else None
        if begun is None or not hmac.compare_digest(state.encode(), cookie.encode()):
            raise Refused(401, "sso_expired", "This log-in was not begun here.", "begin again.")
        if given.get("iss", self._provider.client.issuer) != self._provider.client.issuer:
            raise NotProven("wrong_issuer")
        if "error" in given:
            raise Refused(401, "sso_denied", "The provider let nobody in.", "try again.")
        return await self._provider.identity(
            given.get("code", ""), begun["nonce"], begun["verifier"]
        )

    async def _account(self, who: Identity) -> Document:
        """The account of an identity: the one it came with before, else that of its address."""
        mark = {"issuer": who.issuer, "subject": who.subject}
        found = await self._accounts.account_with(**{f"sign_on.{k}": v for k, v in mark.items()})
        if found is None and who.email:
            found = await self._accounts.account(who.email.lower())
            # Whoever gets the address later is another person to the provider, and stays outside.
            if found and not await self._accounts.spend(
                found["_id"], {"sign_on": {"$exists": False}}, {"$set": {"sign_on": mark}}
            ):
                found = None
        if found is None or found.get("disabled"):
            raise Refused(401, "sso_unknown_account", "You have no account here.", "ask for one.")
        return found

    def _failed(self, error: Exception) -> Response:
        code = error.code if isinstance(error, Refused) else "sso_failed"
        code = "sso_unavailable" if isinstance(error, Unavailable) else code
        reason = error.reason if isinstance(error, NotProven) else type(error).__name__
        structlog.get_logger().warning("A log-in by the provider failed.", code=code, reason=reason)
        answer = RedirectResponse(f"/?sign_in={code}", 303)
        answer.delete_cookie(self._cookie, path="/api/oidc", httponly=True, samesite="lax")
        return answer


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
