"""What a service keeps of the people who work with its page: accounts, sessions, counted tries."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from libs.kit.clock import Now, utc_now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    alive,
    database,
    ensure,
)
from libs.kit.try_counts import TRIES, TryCounts

LOGGED_IN = timedelta(days=1)
"""No session lasts longer."""

SESSIONS = Collection(
    "sessions", expiring=True, lives=LOGGED_IN,
    required={"person_id": "string", "epoch": "int", "seen_at": "date"},
)  # fmt: skip
CHANGES = Collection("account_changes", expiring=False)

IDLE = timedelta(minutes=30)
"""A session in which nothing was asked for so long is over."""

TOUCH = timedelta(minutes=1)
"""A session that is used is marked so at most this often."""

LOOK_SECONDS = 1.0
"""A process looks this often whether an account changed, however many streams are open: what changed in
another process is known so late at most, in its own at once.
"""

MOST_REMEMBERED = 1000
"""So many sessions are remembered at most between two changes."""


@dataclass(frozen=True)
class Opened:
    """A living session and its account, as they were after this many changes."""

    changes: int
    session: Document
    account: Document

    def holds(self, changes: int, now: datetime) -> bool:
        """Whether the store would say the same; whoever was not seen for a while is looked up."""
        is_seen = now - TOUCH <= self.session["seen_at"]
        return self.changes == changes and is_seen and now < self.session["expires_at"]


class Accounts(TryCounts):
    """People, their sessions by the hash of the token, and their tries to log in.

    `people` names the collection of the accounts in the service's own database. An account's
    `epoch` counts what ends every session of it: disabled, a new password, a new second factor.
    """

    def __init__(self, client: Client, service: str, people: str, now: Now = utc_now) -> None:
        super().__init__(client, service)
        required = {"name": "string", "password": "string"}
        self._collection = Collection(people, expiring=False, required=required)
        self._db = database(client, service)
        self._people = self._db[people]
        self._sessions = self._db[SESSIONS.name]
        self._changes = self._db[CHANGES.name]
        self._now = now
        self._opened: dict[str, Opened] = {}
        self.watch = Watch(self)

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (self._collection, SESSIONS, TRIES, CHANGES))

    async def put_account(self, person_id: str, account: Document) -> None:
        """Stores these fields of a person: `name` and `password`, the hash of it, in a new one."""
        await self._people.update_one({"_id": person_id}, {"$set": account}, upsert=True)
        await self._changed()

    async def change_account(self, person_id: str, change: Document) -> bool:
        """Applies an update to a known person's account and ends the sessions; False: unknown."""
        ending = change | {"$inc": {"epoch": 1}}
        known = await self._people.update_one({"_id": person_id}, ending)
        await self._changed()
        return known.matched_count > 0

    async def spend(self, person_id: str, unless: Document, change: Document) -> bool:
        """Applies an update if the account still is as `unless` asks; of two at once, one wins."""
        spent = await self._people.update_one({"_id": person_id} | unless, change)
        return spent.modified_count > 0

    async def account(self, person_id: str) -> Document | None:
        """A person's account, or None."""
        return await self._people.find_one({"_id": person_id})

    async def account_with(self, **fields: Any) -> Document | None:
        """The account with these fields, or None."""
        return await self._people.find_one({**fields})

    async def accounts(self) -> list[Document]:
        """Every account, by id."""
        return [account async for account in self._people.find().sort("_id", 1)]

    async def remove(self, person_id: str) -> None:
        """Removes a person, and with it whatever sessions are open."""
        await self._people.delete_one({"_id": person_id})
        await self._sessions.delete_many({"person_id": person_id})
        await self._changed()

    async def open_session(self, token: str, account: Document, expires_at: datetime) -> None:
        """Remembers a session by the hash of its token, of the account as it was looked at."""
        await self._sessions.insert_one({
            "_id": _hash(token), "person_id": str(account["_id"]), "epoch": epoch(account),
            "seen_at": self._now(), "expires_at": expires_at,
        })  # fmt: skip

    async def account_of(self, token: str, *, used: bool = True) -> Document | None:
        """The account whose living session this is, or None; `used` says that somebody is there."""
        key, now, changes = _hash(token), self._now(), await self.watch.count()
        opened = self._opened.get(key)
        if opened is None or not opened.holds(changes, now):
            opened = await self._open(key, now, changes)
        if opened is None:
            return None
        if used and opened.session["seen_at"] < now - TOUCH:
            await self._sessions.update_one({"_id": key} | alive(now), {"$max": {"seen_at": now}})
        return opened.account

    async def _open(self, key: str, now: datetime, changes: int) -> Opened | None:
        living = {"_id": key, "seen_at": {"$gt": now - IDLE}} | alive(now)
        session = await self._sessions.find_one(living)
        account = await self.account(session["person_id"]) if session else None
        if session is None or account is None or not _opens(account, session):
            return None
        if len(self._opened) >= MOST_REMEMBERED:
            self._opened.clear()
        self._opened[key] = Opened(changes, session, account)
        return self._opened[key]

    async def end_session(self, token: str) -> None:
        """Ends a session, if there is one."""
        await self._sessions.delete_one({"_id": _hash(token)})
        await self._changed()

    async def changes(self) -> int:
        """How often an account changed or a session ended, in whichever process."""
        row = await self._changes.find_one({"_id": "changes"})
        return int(row["count"]) if row else 0

    async def _changed(self) -> None:
        await self._changes.update_one({"_id": "changes"}, {"$inc": {"count": 1}}, upsert=True)
        await self.watch.look_again()


class Watch:
    """Tells that accounts changed: one look at the store for all requests and streams of a process."""

    def __init__(self, accounts: Accounts, seconds: float = LOOK_SECONDS) -> None:
        self._accounts = accounts
        self._turn = asyncio.Lock()
        self._looked_at = float("-inf")
        self._count = 0
        self.seconds = seconds

    async def count(self) -> int:
        """How often something changed, as of at most `seconds` ago."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            if clock() - self._looked_at >= self.seconds:
                self._count = await self._accounts.changes()
                self._looked_at = clock()
        return self._count

    async def look_again(self) -> None:
        """The next who asks looks at the store: something changed here."""
        async with self._turn:
            self._looked_at = float("-inf")


def epoch(account: Document) -> int:
    """Which life of its sessions an account is in."""
    return int(account.get("epoch", 0))


def _opens(account: Document, session: Document) -> bool:
    return not account.get("disabled") and epoch(account) == session["epoch"]


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
