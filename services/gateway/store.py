"""What the gateway keeps: sessions with a hash of their token, until the conversation ends."""

from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.case import WaitRange
from libs.contracts.content import RETENTION_DAYS
from libs.contracts.sealed import Sealed
from libs.kit.clock import Now
from libs.kit.mongo import Client, Collection, Document, Index, alive, database, ensure
from services.gateway.domain import Assigned, Owner, Ownership, Session
from services.gateway.stretches import MARKS_KEPT, Mark

HOLDER_KEPT = timedelta(minutes=3)
"""A gateway that stopped saying that it holds a socket is passed over after this time."""

SESSIONS = Collection(
    "sessions", expiring=True, required={"merchant_id": "string", "token_hash": "binData"},
    lives=timedelta(days=RETENTION_DAYS),
)  # fmt: skip
HOLDERS = Collection(
    "holders",
    expiring=True,
    indexes=(Index(("conversation_id",)),),
    required={"conversation_id": "string", "url": "string"},
    lives=HOLDER_KEPT,
)


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
        living = {"_id": conversation_id, "closed": None} | alive(self._now())
        found = await self._sessions.find_one(living)
        return _session(found) if found else None

    async def extend(self, conversation_id: str, expires_at: datetime) -> None:
        """Moves the end of a living session forward; never revives one."""
        await self._update(conversation_id, {"$max": {"expires_at": expires_at}})

    async def set_locale(self, conversation_id: str, locale: str) -> None:
        """Keeps the language that the visitor chose."""
        await self._update(conversation_id, {"$set": {"locale": locale}})

    async def set_ownership(
        self, conversation_id: str, ownership: Ownership,
        mark: Mark | None = None, assigned: Assigned | None = None,
    ) -> None:  # fmt: skip
        """Keeps who answers the conversation now, and since when and which agent if that is news."""
        news: Document = {"ownership": _ownership(ownership)}
        if assigned:
            agent = assigned.agent.model_dump(mode="json")
            news["assigned"] = {"event_id": str(assigned.event_id), "agent": agent}
        await self._update(conversation_id, {"$set": news} | _noted(mark))

    async def begin_wait(
        self, conversation_id: str, known: Ownership, waiting: Ownership, mark: Mark
    ) -> None:
        """Keeps that a person was asked for, and that the visitor waits, unless handoff has moved
        the conversation on already.
        """
        await self._update(conversation_id, _noted(mark))
        unmoved = {"ownership.owner": known.owner.value, "ownership.version": known.version}
        await self._sessions.update_one(
            {"_id": conversation_id} | unmoved | alive(self._now()),
            {"$set": {"ownership": _ownership(waiting)}},
        )

    async def take_rating(self, conversation_id: str, case_id: UUID, client_id: UUID) -> bool:
        """Whether this rating of a case counts: the first one does, and every resend of it."""
        rated = {
            "_id": conversation_id, "ownership.case_id": str(case_id),
            "$or": [{"ownership.asks_rating": True}, {"ownership.rated_as": str(client_id)}],
        }  # fmt: skip
        taken = {"ownership.asks_rating": False, "ownership.rated_as": str(client_id)}
        done = await self._sessions.update_one(rated | alive(self._now()), {"$set": taken})
        return done.matched_count == 1

    async def set_customer(self, conversation_id: str, customer: Sealed) -> None:
        """Keeps who the shop says the visitor is, sealed for a case that may follow."""
        sealed = customer.model_dump(mode="json")
        await self._update(conversation_id, {"$set": {"customer": sealed}})

    async def close(self, conversation_id: str) -> None:
        """Nobody finds the session any more; the erasure that follows deletes it, and counts it."""
        await self._update(conversation_id, {"$set": {"closed": True}})

    async def delete(self, conversation_id: str) -> int:
        """Deletes the session, closed or not; the count."""
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
    plain: Document = {name: getattr(ownership, name) for name in _PLAIN}
    return plain | {
        "owner": ownership.owner.value,
        "case_id": str(ownership.case_id) if ownership.case_id else None,
        "wait": ownership.wait.model_dump() if ownership.wait else None,
        "rated_as": str(ownership.rated_as) if ownership.rated_as else None,
    }


def _known_ownership(kept: Document) -> Ownership:
    # What an older version of the house did not store yet is as in a new conversation.
    wait, case_id, rated_as = (kept.get(name) for name in ("wait", "case_id", "rated_as"))
    return Ownership(
        **{name: kept[name] for name in _PLAIN if name in kept},
        owner=Owner(kept["owner"]),
        case_id=UUID(case_id) if case_id else None,
        wait=WaitRange(**wait) if wait else None,
        rated_as=UUID(rated_as) if rated_as else None,
    )


_PLAIN = ("version", "position", "open_now", "opens_at", "asks_rating")
"""The parts of an ownership that are stored as they are."""


def _noted(mark: Mark | None) -> Document:
    if mark is None:
        return {}
    kept = {"at": mark.at, "is_human": mark.is_human}
    return {"$push": {"marks": {"$each": [kept], "$slice": -MARKS_KEPT}}}


def _document(session: Session) -> Document:
    return {
        "_id": session.conversation_id, "merchant_id": session.merchant_id,
        "locale": session.locale, "token_hash": session.token_hash,
        "ownership": _ownership(session.ownership), "expires_at": session.expires_at,
    }  # fmt: skip


def _session(document: Document) -> Session:
    return Session(
        conversation_id=document["_id"],
        merchant_id=document["merchant_id"],
        locale=document["locale"],
        token_hash=bytes(document["token_hash"]),
        expires_at=document["expires_at"],
        ownership=_known_ownership(document["ownership"]),
        assigned=_assigned(document.get("assigned")),
        marks=tuple(Mark(**kept) for kept in document.get("marks", ())),
        customer=_sealed(document.get("customer")),
    )


def _sealed(kept: Document | None) -> Sealed | None:
    return Sealed.model_validate(kept) if kept else None


def _assigned(kept: Document | None) -> Assigned | None:
    if kept is None:
        return None
    return Assigned(UUID(kept["event_id"]), Sealed.model_validate(kept["agent"]))
