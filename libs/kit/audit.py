"""Who looked at what: an append-only log with a hash chain, in a service's own database.

An entry names a person, what this person did, where, and which fields were read; never what they hold.
Whoever shows personal data writes the entry first: what cannot be noted is not shown.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog

from libs.kit.audit_chain import GENESIS, Check, End, digest_of
from libs.kit.clock import Now, utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.mongo import (
    AWAY_ERRORS,
    Client,
    Collection,
    Document,
    Index,
    Session,
    database,
    ensure,
    in_transaction,
)

ENTRIES = Collection(
    "audit",
    expiring=False,
    indexes=(
        Index(("case_id", "_id")), Index(("merchant_id", "_id")), Index(("conversation", "_id")),
        Index(("at",)),
    ),
    required={
        "at": "date", "who": "string", "what": "string", "merchant_id": "string",
        "case_id": "string", "prev": "string", "hash": "string",
    },
)  # fmt: skip
ENDS = Collection("audit_ends", expiring=False, required={"hash": "string", "signature": "string"})

KEY_FILE = "audit.key"
CUT_AT_ONCE = 10_000
CUT_EVERY_SECONDS = 3600.0


class Audit:
    """The audit log of one service; `key` signs its ends and does not lie in the store."""

    def __init__(self, client: Client, service: str, key: bytes, now: Now = utc_now) -> None:
        self._client = client
        self._db = database(client, service)
        self._entries = self._db[ENTRIES.name]
        self._ends = self._db[ENDS.name]
        self._key = key
        self._now = now
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Creates and verifies the collections; raises ConfigurationError where the head is gone."""
        await ensure(self._db, (ENTRIES, ENDS))
        if await self._ends.find_one({"_id": "head"}):
            return
        if await self._entries.find_one({}):
            raise _headless()
        await self._ends.update_one(
            {"_id": "head"}, {"$setOnInsert": self._end("head", 0, GENESIS)}, upsert=True
        )

    async def add(
        self,
        who: str,
        what: str,
        *,
        merchant_id: str = "",
        case_id: UUID | None = None,
        conversation_id: str | None = None,
        about: str = "",
        fields: Iterable[str] = (),
        roles: Iterable[str] = (),
    ) -> int:
        """Writes an entry and returns its number; `about` is the account that was changed, `roles`
        what the person was at the merchant then.

        Of the conversation only a hash is kept: after an erasure the entry leads nowhere.
        """
        said = {
            "who": who, "what": what, "merchant_id": merchant_id, "about": about,
            "case_id": str(case_id) if case_id else "",
            "conversation": _hidden(conversation_id) if conversation_id else "",
            "fields": sorted(fields), "roles": sorted(roles),
        }  # fmt: skip

        # They would only get in each other's way and be repeated: here they wait for their turn.
        async with self._turn:
            return await in_transaction(self._client, lambda session: self._append(session, said))

    async def entries(self, found: Document, limit: int = 200) -> list[Document]:
        """The newest entries that fit, newest first."""
        cursor = self._entries.find(found).sort("_id", -1).limit(limit)
        return [entry async for entry in cursor]

    async def looks(self, merchant_id: str, conversation_id: str) -> list[Document]:
        """Every entry that says that somebody was shown something of a conversation, oldest first."""
        about = {"merchant_id": merchant_id, "conversation": _hidden(conversation_id)}
        cursor = self._entries.find(about | {"fields": {"$ne": []}}).sort("_id", 1)
        return [entry async for entry in cursor]

    async def head(self) -> End:
        """The newest entry's number and hash, to be noted elsewhere."""
        row = await self._ends.find_one({"_id": "head"})
        if row is None:
            raise _headless()
        return End.of(row)

    async def check(self) -> tuple[Check, End | None]:
        """Goes through the whole chain as it stands; the findings and its head, None without one."""
        while True:
            anchor, head = await self._end_row("anchor"), await self._end_row("head")
            check = await self._go_through(anchor, head)
            if await self._end_row("anchor") == anchor:  # nothing was cut meanwhile
                return check, head

    async def still_has(self, noted: str, check: Check) -> None:
        """Adds a problem where a head that was noted before, NUMBER:HASH, is not in the log."""
        number, _, digest = noted.partition(":")
        seq = int(number) if number.isdecimal() else 0
        row = await self._entries.find_one({"_id": seq})
        anchor = await self._end_row("anchor")
        was_cut = anchor is not None and anchor.seq >= seq > 0
        if not was_cut and (row is None or row["hash"] != digest):
            check.problem(seq, "is not the one that was noted as the newest")

    async def cut(self, before: datetime) -> int:
        """Removes entries older than that and signs where the rest begins; how many went."""
        async with self._turn:
            return await in_transaction(self._client, lambda session: self._cut(session, before))

    async def kept_for(self, days: int) -> None:
        """Cuts what is older than that, until cancelled; started once per process by `app.py`."""
        while True:
            try:
                while await self.cut(self._now() - timedelta(days=days)) == CUT_AT_ONCE:
                    pass
            except AWAY_ERRORS as error:
                structlog.get_logger().warning(
                    "The audit log is not cut.", error=type(error).__name__
                )
            await asyncio.sleep(CUT_EVERY_SECONDS)

    async def _append(self, session: Session, said: dict[str, Any]) -> int:
        head = await self._ends.find_one({"_id": "head"}, session=session)
        if head is None:
            raise _headless()
        at = _whole_milliseconds(self._now())
        at = max(at, head.get("at", at))  # clocks differ: the log's own times never go back
        entry = said | {"_id": head["seq"] + 1, "at": at, "prev": head["hash"]}
        entry["hash"] = digest_of(entry)
        end = self._end("head", entry["_id"], entry["hash"]) | {"at": at}
        await self._ends.replace_one({"_id": "head"}, end, session=session)
        await self._entries.insert_one(entry, session=session)
        return int(entry["_id"])

    async def _cut(self, session: Session, before: datetime) -> int:
        check = self._started(await self._end_row("anchor", session))
        async for row in self._entries.find({}, session=session).sort("_id", 1).limit(CUT_AT_ONCE):
            if row["at"] >= before:
                break
            check.read(row)
        if check.problems:
            # Whoever changed an entry must not get rid of it by waiting.
            structlog.get_logger().error("The audit log is not whole and is not cut.")
            return 0
        if check.entries:
            anchor = self._end("anchor", check.seq, check.hash)
            await self._ends.replace_one({"_id": "anchor"}, anchor, upsert=True, session=session)
            await self._entries.delete_many({"_id": {"$lte": check.seq}}, session=session)
        return check.entries

    async def _go_through(self, anchor: End | None, head: End | None) -> Check:
        check = self._started(anchor)
        up_to = {"_id": {"$lte": head.seq}} if head else {}
        async for row in self._entries.find(up_to).sort("_id", 1):
            check.read(row)
        if head is None or not head.is_signed(self._key, "head"):
            check.problem(head.seq if head else check.seq, "is not signed as the newest")
        if head:
            check.ends_at(head)
        return await self._nothing_beyond(check)

    async def _nothing_beyond(self, check: Check) -> Check:
        newest = await self._entries.find_one({"_id": {"$gt": check.seq}}, sort=[("_id", -1)])
        head = await self._end_row("head")  # read afterwards: it knows of everything written before
        if newest and head and newest["_id"] > head.seq:
            check.problem(newest["_id"], "was not written by us")
        return check

    def _started(self, anchor: End | None) -> Check:
        check = Check(anchor)
        if anchor and not anchor.is_signed(self._key, "anchor"):
            check.problem(anchor.seq, "is not signed as the end of what was cut")
        return check

    async def _end_row(self, name: str, session: Session | None = None) -> End | None:
        row = await self._ends.find_one({"_id": name}, session=session)
        return End.of(row) if row else None

    def _end(self, name: str, seq: int, digest: str) -> Document:
        return vars(End.signed(self._key, name, seq, digest)).copy()


def _hidden(conversation_id: str) -> str:
    return sha256(conversation_id.encode()).hexdigest()


def _whole_milliseconds(at: datetime) -> datetime:
    """As the store keeps it: the hash of what is read again must be the one that was written."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _headless() -> ConfigurationError:
    return ConfigurationError(
        "The audit log has lost its head.",
        "restore audit and audit_ends from the backup; `prat audit verify` names what is missing.",
    )
