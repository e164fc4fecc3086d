"""People log in to a page of ours: argon2id passwords, second factors, counted tries, sessions."""

import asyncio
import json
from abc import ABC, abstractmethod
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Generic, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from libs.kit.accounts import Accounts
from libs.kit.audit import Audit
from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.mongo import Document
from libs.kit.second_factor import SecondFactor
from libs.kit.tries import PER_ACCOUNT, PER_ADDRESS, PER_SECOND_FACTOR, Tries

PersonT = TypeVar("PersonT")

SESSION_HOURS = 8

AT_ONCE = 2
"""Passwords hashed at a time: each takes 64 MiB, so a flood of log-ins waits instead."""


class LogIns(ABC, Generic[PersonT]):
    """Who may use a page; a service says what a person is to it, and who is seeded.

    `second` opens second factors, `audit` hears of every log-in; a page may do without them.
    """

    def __init__(
        self,
        accounts: Accounts,
        hasher: PasswordHasher | None = None,
        now: Now = utc_now,
        *,
        second: SecondFactor | None = None,
        audit: Audit | None = None,
    ) -> None:
        self.accounts = accounts
        self._now = now
        self._second = second
        self._audit = audit
        self._tries = Tries(accounts, now)
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(token_urlsafe())

    @abstractmethod
    def person(self, account: Document) -> PersonT:
        """The person whose account this is."""

    @abstractmethod
    def seeded(self, email: str) -> tuple[str, Document]:
        """The id and the account, without its password, of an address in a password file."""

    async def log_in(
        self, email: str, password: str, *, code: str = "", address: str = ""
    ) -> tuple[PersonT, str]:
        """The person and a new session's token; raises Refused (401, 429) and tells no more."""
        if address:
            await self._tries.count(PER_ADDRESS, address)
        tried = await self._tries.count(PER_ACCOUNT, email.lower())
        found = await self.accounts.account(email.lower())
        # An unknown address costs as much time as a wrong password, so neither is told apart.
        right = await self._verify(found["password"] if found else self._nobody, password)
        if found is None or not right or found.get("disabled"):
            await self._note("log_in_failed", found)
            raise Refused(
                401, "log_in_failed", "Address or password is wrong.",
                "check both; whoever runs Prat can set a new password.",
            )  # fmt: skip
        await self._check_second(found, code)
        await self._tries.forget(tried)
        return await self.enter(found, "log_in")

    async def enter(self, account: Document, how: str) -> tuple[PersonT, str]:
        """Opens a session for a person who has proved to be one; the person and the token."""
        await self._note(how, account)
        token = token_urlsafe(32)
        ends = self._now() + timedelta(hours=SESSION_HOURS)
        await self.accounts.open_session(token, account, ends)
        return self.person(account), token

    async def person_of(self, token: str | None, *, used: bool = True) -> PersonT | None:
        """The person whose session this token opens, or None; `used` keeps the session from idling."""
        account = await self.accounts.account_of(token, used=used) if token else None
        return self.person(account) if account else None

    async def log_out(self, token: str) -> None:
        """Ends the session."""
        account = await self.accounts.account_of(token) if token else None
        await self.accounts.end_session(token)
        if account:
            await self._note("log_out", account)

    async def set_account(self, person_id: str, account: Document, password: str) -> None:
        """Stores a person with this password; a new password ends the sessions of the old one."""
        found = await self.accounts.account(person_id)
        if found and await self._verify(found["password"], password):
            await self.accounts.put_account(person_id, account)
            return
        fresh = account | {"password": await self._hash(password)}
        if found is None or not await self.accounts.change_account(person_id, {"$set": fresh}):
            await self.accounts.put_account(person_id, fresh)

    async def seed(self, path: Path) -> int:
        """Stores the people of a password file, where there is one; how many it names.

        What was granted to a known person since then stays.
        """
        passwords = read_passwords(path)
        for email, password in passwords.items():
            person_id, fresh = self.seeded(email)
            known = await self.accounts.account(person_id) or {}
            kept = {name: known[name] for name in fresh if name in known}
            await self.set_account(person_id, fresh | kept, password)
        return len(passwords)

    async def _check_second(self, account: Document, code: str) -> None:
        if not account.get("second"):
            return
        if not code:
            raise Refused(
                401, "totp_required", "This account has a second factor.",
                "send the code of the authenticator app, or a recovery code, along.",
            )  # fmt: skip
        tried = await self._tries.count(PER_SECOND_FACTOR, str(account["_id"]))
        if self._second is None or not await self._second.accepts(account, code):
            await self._note("second_factor_failed", account)
            raise Refused(
                401, "totp_wrong", "The code is wrong or was used before.",
                "wait for the next code of the authenticator app, or use a recovery code.",
            )  # fmt: skip
        await self._tries.forget(tried)

    async def _note(self, what: str, account: Document | None) -> None:
        if self._audit:
            # What an unknown person typed is nobody's address: it may be a password.
            await self._audit.add(str(account["_id"]) if account else "unknown", what)

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
