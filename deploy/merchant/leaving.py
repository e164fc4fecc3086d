"""A merchant leaves: its door is shut, its conversations are erased, then all else that is its own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from deploy.kafka.tombstones import Graves, bury
from deploy.merchant.reach import PARTS, Part, conversations, count, ids_of
from libs.contracts.content import PackPublished
from libs.contracts.topics import CONTENT, QUEUE, STAFFING
from libs.kit.accounts import Accounts
from libs.kit.bus import Bus
from libs.kit.clock import Now
from libs.kit.errors import ConfigurationError, Unavailable
from libs.kit.mongo import Client, Document, Session, database, in_transaction
from libs.kit.settings import CommonSettings
from libs.kit.transcript import TranscriptClient
from services.handoff.accounts import AccountStore
from services.nlu.authoring.editors import EditorStore
from services.nlu.authoring.versions import Versions

AT_ONCE = 16
"""Erasures that run side by side."""

LOOK_SECONDS = 0.25
STAND = ("handoff.agents", "nlu.editors", "keys.conversation_keys", "retention.conversations")
"""Places whose documents stay: accounts without the shop, marks of what was erased."""

BATCH = 500
"""Documents that are deleted in one transaction."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Leaving:
    """Everything that it takes; a second run goes on where the first one was stopped."""

    client: Client
    bus: Bus
    retention: TranscriptClient
    settings: CommonSettings
    now: Now

    async def leave(self, merchant: str, progress: Progress) -> int:
        """All of it, in this order; how many conversations were erased.

        The content goes last: without it, what is still on its way could not be understood, and
        services would take a leaving shop for a broken one.
        """
        pack = await self._newest(merchant)
        if pack is not None:
            await self.shut(pack)
        await self.remove_people(merchant)
        erased = await self.erase_conversations(merchant, progress)
        await bury(self.settings, _graves(merchant, pack))
        await self.remove_rest(merchant)
        return erased

    async def shut(self, pack: PackPublished) -> None:
        """No page may show the chat from now on: what is under way is still understood."""
        shut = pack.merchant.model_copy(update={"origins": ()})
        changes = {"merchant": shut, "event_id": uuid4(), "occurred_at": self.now()}
        await self.bus.publish(pack.model_copy(update=changes | {"pack_version": "shut"}))

    async def erase_conversations(self, merchant: str, progress: Progress) -> int:
        """Erases until none is left, each by the same saga as a visitor's; how many there were.

        What is still there after its erasure was brought back by a late event: that is no reason to
        erase for ever.
        """
        done, before = 0, set[str]()
        while (found := await conversations(self.client, merchant)) and before != {*found}:
            before, of = {*found}, done + len(found)
            for batch in _batches([*found.items()]):
                await asyncio.gather(*(self._erase(owner, one) for one, owner in batch))
                done += len(batch)
                progress(done, of)
        return done

    async def remove_people(self, merchant: str) -> None:
        """Takes the shop from everybody who works for it; who works for no other one is removed."""
        ids = ids_of(merchant)
        agents, editors = AccountStore(self.client), EditorStore(self.client)
        for account in await agents.accounts():
            grants = [grant for grant in account["grants"] if grant["merchant_id"] not in ids]
            if len(grants) < len(account["grants"]):
                await self._leave_with(agents, account, "grants", grants)
        for account in await editors.accounts():
            shops = [shop for shop in account["merchants"] if shop not in ids]
            if len(shops) < len(account["merchants"]):
                await self._leave_with(editors, account, "merchants", shops)

    async def remove_rest(self, merchant: str) -> None:
        """Deletes what neither the erasures nor the accounts took along; keys leave their marks."""
        for part in PARTS:
            if part.place not in STAND:
                await self._delete(part, merchant)

    async def left(self, merchant: str) -> dict[str, int]:
        """What there still is of a merchant."""
        return await count(self.client, merchant)

    async def _erase(self, merchant: str, conversation: str) -> None:
        erasure = None
        while erasure is None:
            erasure = await self._begun(merchant, conversation)
        while not await self._is_done(erasure):
            pass

    async def _begun(self, merchant: str, conversation: str) -> UUID | None:
        with suppress(Unavailable):
            return await self.retention.erase(merchant, conversation, "merchant")
        await asyncio.sleep(LOOK_SECONDS)
        return None

    async def _is_done(self, erasure: UUID) -> bool:
        with suppress(Unavailable):
            if (await self.retention.erasure(erasure))["done"]:
                return True
        await asyncio.sleep(LOOK_SECONDS)
        return False

    async def _delete(self, part: Part, merchant: str) -> None:
        """In transactions, as others write there in transactions: one must never wait for the other."""
        rows = database(self.client, part.service)[part.collection]
        mine = part.find(ids_of(merchant))
        while ids := [row["_id"] async for row in rows.find(mine, {"_id": 1}).limit(BATCH)]:
            await in_transaction(self.client, partial(_delete_these, rows, ids))

    async def _leave_with(
        self, store: Accounts, account: Document, field: str, rest: list[object]
    ) -> None:
        """The account with the shops that remain to it; without any it is removed."""
        if rest:
            await store.change_account(account["_id"], {"$set": {field: rest}})
            return
        await store.remove(account["_id"])
        if field == "grants":
            await database(self.client, "handoff")["presence"].delete_one({"_id": account["_id"]})

    async def _newest(self, merchant: str) -> PackPublished | None:
        versions = Versions(self.client)
        found = await versions.list(merchant)
        return await versions.pack(merchant, found[0].version) if found else None


def _batches(found: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    for first in range(0, len(found), AT_ONCE):
        yield found[first : first + AT_ONCE]


def _graves(merchant: str, pack: PackPublished | None) -> Graves:
    """What a merchant has on compacted topics: its content, its staffing, its queues."""
    own = pack.merchant if pack else None
    skills = sorted({own.default_skill, *own.skills.values()}) if own else []
    plain = [(topic, one) for one in ids_of(merchant) for topic in (CONTENT, STAFFING)]
    return [*plain, *((QUEUE, f"{merchant}|{skill}") for skill in skills)]


async def _delete_these(rows: Any, ids: list[Any], session: Session) -> None:
    await rows.delete_many({"_id": {"$in": ids}}, session=session)


def unfinished(left: dict[str, int]) -> ConfigurationError:
    """The error of a leaving that could not be ended."""
    still = ", ".join(f"{place} {number}" for place, number in sorted(left.items()))
    return ConfigurationError(
        f"Not everything is gone yet: {still}.",
        "see that all five services run, then run the same command again: what is done stays done.",
    )
