"""The shop's one customer, who logs in without a password, and the shop's signed word about who it is."""

import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.demo.shop.catalogue import Customer
from services.gateway.identity import ALGORITHM, key_file, parse_keys

COOKIE = "shop-session"
LIFE_SECONDS = 600
SESSIONS_AT_MOST = 1000
METHODS = ("GET", "POST", "DELETE")


class Counter:
    """Who is logged in. `token` signs what docs/embedding.md lists, with the key that signs now."""

    def __init__(
        self, merchant: str, customer: Customer, keys: str, clock: Callable[[], float] = time.time
    ) -> None:
        (self._key_id, key), *_ = parse_keys(keys).items()
        self._key = OctKey.import_key(key)
        self._merchant, self._customer, self._clock = merchant, customer, clock
        self._sessions: dict[str, None] = {}

    def log_in(self) -> str:
        """A new session; the oldest ends when there are very many."""
        session = token_urlsafe(16)
        self._sessions[session] = None
        if len(self._sessions) > SESSIONS_AT_MOST:
            del self._sessions[next(iter(self._sessions))]
        return session

    def log_out(self, session: str) -> None:
        """Ends a session, if there is one."""
        self._sessions.pop(session, None)

    def told(self, session: str) -> dict[str, Any]:
        """What the shop's own page may know: whom one may log in as, and the word if one has."""
        token = self.token() if session in self._sessions else None
        return {"name": self._customer.name, "token": token}

    def token(self) -> str:
        """The signed word about the customer, for ten minutes."""
        now = int(self._clock())
        claims = {
            "sub": self._customer.number, "name": self._customer.name,
            "email": self._customer.email, "iat": now, "exp": now + LIFE_SECONDS,
            "aud": "prat", "merchant": self._merchant,
        }  # fmt: skip
        return jwt.encode({"alg": ALGORITHM, "kid": self._key_id}, claims, self._key)


def open_counter(folder: Path, merchant: str, customer: Customer) -> Counter | None:
    """The counter, or None where the house has no identity keys for this shop."""
    path = folder / key_file(merchant)
    return Counter(merchant, customer, path.read_text("ascii")) if path.exists() else None


class Session:
    """GET, POST and DELETE /session: who is logged in, log in, log out."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    async def answer(self, request: Request) -> Response:
        """The page's own script asks; nobody else's can read the answer."""
        session = request.cookies.get(COOKIE, "")
        if request.method != "GET":
            self._counter.log_out(session)
            session = self._counter.log_in() if request.method == "POST" else ""
        answer = JSONResponse(self._counter.told(session), headers={"cache-control": "no-store"})
        if request.method != "GET":
            answer.set_cookie(COOKIE, session, httponly=True, samesite="strict")
        return answer
