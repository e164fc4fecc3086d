"""People log in to a page of ours: argon2id passwords, counted tries, sessions of eight hours."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.mongo import Document

SESSION_HOURS = 8
TRIES_PER_MINUTE = 5
MINUTE = timedelta(minutes=1)

AT_ONCE = 2
"""Passwords hashed at a time: each takes 64 MiB, so a flood of log-ins waits instead."""


class LogIns:
    """Who may use a page."""

    def __init__(
        self, accounts: Accounts, hasher: PasswordHasher | None = None, now: Now = utc_now
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(token_urlsafe())

    async def open(self, email: str, password: str) -> tuple[Document, str]:
        """The account and a new session's token; raises Refused (401, 429) and tells no more."""
        key = f"{email.lower()}|{self._now():%Y-%m-%dT%H:%M}"
        if await self._accounts.count_try(key, self._now() + 2 * MINUTE) > TRIES_PER_MINUTE:
            raise Refused(
                429, "too_many_tries", "Too many log-ins with this address.",
                "wait a minute, then try again.",
            )  # fmt: skip
        found = await self._accounts.account(email.lower())
        # An unknown address costs as much time as a wrong password, so neither is told apart.
        right = await self._verify(found["password"] if found else self._nobody, password)
        if found is None or not right:
            raise Refused(
                401, "log_in_failed", "Address or password is wrong.",
                "check both; whoever runs Prat can set a new password.",
            )  # fmt: skip
        await self._accounts.forget_tries(key)
        return found, await self._open_session(str(found["_id"]))

    async def account_of(self, token: str | None) -> Document | None:
        """The account whose session this token opens, or None."""
        return await self._accounts.account_of(token) if token else None

    async def log_out(self, token: str) -> None:
        """Ends the session."""
        await self._accounts.end_session(token)

    async def set_account(self, person_id: str, account: Document, password: str) -> None:
        """Stores a person with this password; its hash stays as it is if the password does."""
        found = await self._accounts.account(person_id)
        known = found is not None and await self._verify(found["password"], password)
        hashed = found["password"] if found and known else await self._hash(password)
        await self._accounts.put_account(person_id, account | {"password": hashed})

    async def _open_session(self, person_id: str) -> str:
        token = token_urlsafe(32)
        ends = self._now() + timedelta(hours=SESSION_HOURS)
        await self._accounts.open_session(token, person_id, ends)
        return token

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _verify(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, hashed, password)
            except VerifyMismatchError:
                return False


def read_passwords(path: Path) -> dict[str, str]:
    """The passwords of a file by address; none where there is no file."""
    if not path.exists():
        return {}
    try:
        passwords = json.loads(path.read_text(encoding="utf-8"))
        return {str(email): str(password) for email, password in passwords.items()}
    except (json.JSONDecodeError, AttributeError):
        raise ConfigurationError(
            f"The secret file {path.name} is not a JSON object of addresses and passwords.",
            'write {"name@merchant.example": "password"}, or delete it and run `prat init`.',
        ) from None
