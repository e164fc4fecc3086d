"""Who the shop says that visitors are: kept sealed with their conversations, for the download."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from libs.contracts.bodies import Customer
from libs.contracts.sealed import Sealed
from libs.contracts.visitor import VisitorIdentified
from libs.kit.clock import Now
from libs.kit.errors import Unavailable
from libs.kit.mongo import Client, Document, Session, alive, database, in_transaction
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place
from services.retention.store import CONVERSATIONS


class Customers:
    """Beside the numbers of each conversation; they end with it, and go with its erasure."""

    def __init__(self, client: Client, ring: KeyRing, now: Now) -> None:
        self._client = client
        self._rows = database(client, "retention")[CONVERSATIONS.name]
        self._ring = ring
        self._now = now

    async def keep(self, event: VisitorIdentified, until: datetime) -> None:
        """Keeps the shop's newest word, unless the conversation is erased or past its end."""
        if until <= self._now():
            return
        word = {
            "event_id": str(event.event_id), "at": event.occurred_at,
            "sealed": event.customer.model_dump(mode="json"),
        }  # fmt: skip

        async def work(session: Session) -> None:
            row = await self._rows.find_one({"_id": event.conversation_id}, session=session) or {}
            if row.get("erased_at") or _is_newer(row, event.occurred_at):
                return
            change = {
                "$set": {"customer": word}, "$max": {"expires_at": until},
                "$setOnInsert": {"merchant_id": event.merchant_id},
            }  # fmt: skip
            mine = {"_id": event.conversation_id, "erased_at": None}
            await self._rows.update_one(mine, change, upsert=True, session=session)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            raise Unavailable("the shop's word") from None  # erased or begun just now: look again

    async def of(self, merchant_id: str, conversation_id: str) -> Customer | None:
        """Who the shop says the visitor is; None where it has not, or nobody can read it any more."""
        row = await self._rows.find_one({"_id": conversation_id} | alive(self._now()))
        word: Mapping[str, Any] | None = row.get("customer") if row else None
        if word is None:
            return None
        place = Place(merchant_id, conversation_id, UUID(word["event_id"]), "customer")
        try:
            return await self._ring.open(place, Sealed.model_validate(word["sealed"]), Customer)
        except KeyGone:
            return None


def _is_newer(row: Document, at: datetime) -> bool:
    known = row.get("customer")
    return bool(known and known["at"] > at)
