"""Making and revoking keys by hand: what is asked is checked, and noted in analytics' audit log."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from libs.kit.audit import Audit
from libs.kit.clock import Now
from libs.kit.errors import ConfigurationError
from services.analytics.door import FIRST
from services.analytics.keys import LONGEST, Key, Keys, Right

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

USUAL = timedelta(days=365)
"""So long a key lives where nobody says until when."""


class KeyDesk:
    """What `prat stats token` does; `who` is how the log names whoever does it."""

    def __init__(self, keys: Keys, audit: Audit, who: str, now: Now) -> None:
        self._keys = keys
        self._audit = audit
        self._who = who
        self._now = now

    async def create(
        self, merchant_id: str, name: str, may: Iterable[str], until: str = ""
    ) -> tuple[str, date]:
        """A new key, which is kept nowhere, and its last day; raises ConfigurationError."""
        rights, last = _rights(may), self._last_day(until)
        if not NAME.fullmatch(name) or name == FIRST:
            raise ConfigurationError(
                "This is not a name for a key.",
                f"take lower-case letters, digits and hyphens, 40 at most, and not `{FIRST}`.",
            )
        end = datetime.combine(last + timedelta(days=1), time(), UTC)
        secret = await self._keys.create(merchant_id, name, rights, end)
        if secret is None:
            raise ConfigurationError(
                f"{merchant_id} has a key of the name {name}.", "revoke it, or take another name."
            )
        await self._audit.add(self._who, "key_made", merchant_id=merchant_id, about=name)
        return secret, last

    async def revoke(self, merchant_id: str, name: str) -> None:
        """Ends a key at once, and what is open with it within seconds."""
        if not await self._keys.revoke(merchant_id, name):
            raise ConfigurationError(
                f"{merchant_id} has no key of this name.", "look with `prat stats token list`."
            )
        await self._audit.add(self._who, "key_revoked", merchant_id=merchant_id, about=name)

    async def all(self, merchant_id: str = "") -> list[Key]:
        """The living keys of a shop, or of all."""
        return await self._keys.all(merchant_id)

    def _last_day(self, until: str) -> date:
        today = self._now().date()
        if not until:
            return today + USUAL
        try:
            last = date.fromisoformat(until)
        except ValueError:
            last = date.min
        if not today <= last < today + LONGEST:
            raise ConfigurationError(
                "A key cannot end then.",
                f"give a day as YYYY-MM-DD, from today on, less than {LONGEST.days} days away.",
            )
        return last


def _rights(may: Iterable[str]) -> frozenset[Right]:
    try:
        rights = frozenset(map(Right, may))
    except ValueError:
        rights = frozenset()
    if not rights:
        raise ConfigurationError("Nobody knows this right.", f"give {' or '.join(Right)}.")
    return rights
