"""Agents log in: argon2id passwords, counted tries, sessions of eight hours."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError, Refused
from services.handoff.accounts import AccountStore, Agent

SESSION_HOURS = 8
TRIES_PER_MINUTE = 5
MINUTE = timedelta(minutes=1)

ACCOUNTS_FILE = "agent-passwords.json"

AT_ONCE = 2
"""Passwords hashed at a time: each takes 64 MiB, so a flood of log-ins waits instead."""


class Agents:
    """Who may use the console."""

    def __init__(
        self, accounts: AccountStore, hasher: PasswordHasher | None = None, now: Now = utc_now
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(token_urlsafe())

    async def log_in(self, email: str, password: str) -> tuple[Agent, str]:
        """The agent and a new session's token; raises Refused (401, 429) and tells no more."""
        key = f"{email.lower()}|{self._now():%Y-%m-%dT%H:%M}"
        if await self._accounts.count_try(key, self._now() + 2 * MINUTE) > TRIES_PER_MINUTE:
            raise Refused(
                429, "too_many_tries", "Too many log-ins with this address.",
                "wait a minute, then try again.",
            )  # fmt: skip
        found = await self._accounts.find(email.lower())
        # An unknown address costs as much time as a wrong password, so neither is told apart.
        right = await self._verify(found[1] if found else self._nobody, password)
        if found is None or not right:
            raise Refused(
                401, "log_in_failed", "Address or password is wrong.",
                "check both; whoever runs Prat can set a new password.",
            )  # fmt: skip
        await self._accounts.forget_tries(key)
        return found[0], await self._open_session(found[0])

    async def agent_of(self, token: str | None) -> Agent | None:
        """The agent whose session this token opens, or None."""
        return await self._accounts.agent_of(token) if token else None

    async def log_out(self, token: str) -> None:
        """Ends the session."""
        await self._accounts.end_session(token)

    async def seed(self, path: Path) -> int:
        """Stores the agents of a password file, where there is one; how many it names."""
        passwords = _read_passwords(path)
        for email, password in passwords.items():
            await self._seed_one(demo_agent(email), password)
        return len(passwords)

    async def _seed_one(self, agent: Agent, password: str) -> None:
        found = await self._accounts.find(agent.agent_id)
        known = found is not None and await self._verify(found[1], password)
        hashed = found[1] if found and known else await self._hash(password)
        await self._accounts.put(agent, hashed)

    async def _open_session(self, agent: Agent) -> str:
        token = token_urlsafe(32)
        ends = self._now() + timedelta(hours=SESSION_HOURS)
        await self._accounts.open_session(token, agent.agent_id, ends)
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


def demo_agent(email: str) -> Agent:
    """The agent behind an address: kari@fjellbekk.example is Kari of the merchant fjellbekk."""
    name, _, domain = email.lower().partition("@")
    return Agent(email.lower(), name.title(), (domain.partition(".")[0],))


def _read_passwords(path: Path) -> dict[str, str]:
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
