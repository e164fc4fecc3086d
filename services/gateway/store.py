"""What the gateway keeps: sessions with a hash of their token, until the conversation ends."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.contracts.sealed import Sealed
from libs.kit.clock import Now
from libs.kit.mongo import Client, Collection, Document, Index, alive, database, ensure
from services.gateway.domain import Assigned, Owner, Ownership, Session

SESSIONS = Collection(
    "sessions", expiring=True, required={"merchant_id": "string", "token_hash": "binData"}
)
HOLDERS = Collection(
    "holders",
    expiring=True,
    indexes=(Index(("conversation_id",)),),
    required={"conversation_id": "string", "url": "string"},
)

HOLDER_KEPT = timedelta(minutes=3)
"""A gateway that stopped saying that it holds a socket is passed over after this time."""


class SessionStore:
    """The gateway's own database."""

    def __init__(self, client: Client, now: Now) -> None:
        self._db = database(client, "gateway")
        self._sessions = self._db[SESSIONS.name]
        self._holders = self._db[HOLDERS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (SESSIONS, HOLDERS))

    async def insert(self, session: Session) -> None:
        """Stores a new session."""
        await self._sessions.insert_one(_document(session))

    async def find(self, conversation_id: str) -> Session | None:
        """The living session of a conversation."""
        found = await self._sessions.find_one({"_id": conversation_id} | alive(self._now()))
        return _session(found) if found else None

    async def extend(self, conversation_id: str, expires_at: datetime) -> None:
        """Moves the end of a living session forward; never revives one."""
        await self._update(conversation_id, {"$max": {"expires_at": expires_at}})

    async def set_locale(self, conversation_id: str, locale: str) -> None:
        """Keeps the language that the visitor chose."""
        await self._update(conversation_id, {"$set": {"locale": locale}})

    async def set_ownership(self, conversation_id: str, ownership: Ownership) -> None:
        """Keeps who answers the conversation now."""
        await self._update(conversation_id, {"$set": {"ownership": _ownership(ownership)}})

    async def begin_wait(self, conversation_id: str, known: Ownership, waiting: Ownership) -> None:
        """Keeps that the visitor waits, unless handoff has moved the conversation on already."""
        unmoved = {"ownership.owner": known.owner.value, "ownership.version": known.version}
        await self._sessions.update_one(
            {"_id": conversation_id} | unmoved | alive(self._now()),
            {"$set": {"ownership": _ownership(waiting)}},
        )

    async def set_assigned(self, conversation_id: str, assigned: Assigned) -> None:
        """Keeps the agent's sealed name, for tabs that are opened later."""
        kept = {"event_id": str(assigned.event_id), "agent": assigned.agent.model_dump(mode="json")}
        await self._update(conversation_id, {"$set": {"assigned": kept}})

    async def delete(self, conversation_id: str) -> int:
        """Deletes the session; the count."""
        deleted = await self._sessions.delete_one({"_id": conversation_id})
        return deleted.deleted_count

    async def hold(self, conversation_id: str, instance: str, url: str) -> None:
        """Notes that the gateway `instance` has an open socket of the conversation."""
        held = {"conversation_id": conversation_id, "instance": instance, "url": url}
        await self._holders.update_one(
            {"_id": f"{conversation_id}:{instance}"},
            {"$set": held | {"expires_at": self._now() + HOLDER_KEPT}},
            upsert=True,
        )

    async def release(self, conversation_id: str, instance: str) -> None:
        """Notes that the gateway `instance` has no socket of the conversation any more."""
        await self._holders.delete_one({"_id": f"{conversation_id}:{instance}"})

    async def holders(self, conversation_id: str, *, but: str) -> list[str]:
        """The internal addresses of the other gateways with sockets of the conversation."""
        others = {"conversation_id": conversation_id, "instance": {"$ne": but}}
        return [held["url"] async for held in self._holders.find(others | alive(self._now()))]

    async def _update(self, conversation_id: str, change: Document) -> None:
        await self._sessions.update_one({"_id": conversation_id} | alive(self._now()), change)


def _ownership(ownership: Ownership) -> Document:
    case_id = str(ownership.case_id) if ownership.case_id else None
    return asdict(ownership) | {"owner": ownership.owner.value, "case_id": case_id}


def _document(session: Session) -> Document:
    return {
        "_id": session.conversation_id, "merchant_id": session.merchant_id,
        "locale": session.locale, "token_hash": session.token_hash,
        "ownership": _ownership(session.ownership), "expires_at": session.expires_at,
    }  # fmt: skip


def _session(document: Document) -> Session:
    kept: dict[str, Any] = document["ownership"]
    case_id = UUID(kept["case_id"]) if kept["case_id"] else None
    return Session(
        conversation_id=document["_id"],
        merchant_id=document["merchant_id"],
        locale=document["locale"],
        token_hash=bytes(document["token_hash"]),
        expires_at=document["expires_at"],
        ownership=Ownership(**(kept | {"owner": Owner(kept["owner"]), "case_id": case_id})),
        assigned=_assigned(document.get("assigned")),
    )


def _assigned(kept: Document | None) -> Assigned | None:
    if kept is None:
        return None
    return Assigned(UUID(kept["event_id"]), Sealed.model_validate(kept["agent"]))
