"""Requests in the store: changed by compare-and-set, gone when their time is over."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from libs.kit.clock import Now, utc_now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Index,
    Session,
    alive,
    database,
    ensure,
    in_transaction,
)
from services.handoff.case import NotAllowed
from services.handoff.rightsdesk.requests import LONGEST_OPEN, Kind, Request, State, Step

REQUESTS = Collection(
    "rights_requests", expiring=True,
    indexes=(Index(("merchant_id", "received_at")), Index(("confirm",))),
    required={"merchant_id": "string", "kind": "string", "state": "string", "version": "int",
              "received_at": "date", "due_at": "date"},
    lives=LONGEST_OPEN,
)  # fmt: skip


class RequestStore:
    """Requests of the shops' visitors; reads never show what has expired."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        self._db = database(client, "handoff")
        self._rows = self._db[REQUESTS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (REQUESTS,))

    async def add(self, request: Request) -> None:
        """Keeps a new request."""

        async def work(session: Session) -> None:
            await self._rows.insert_one(_row(request), session=session)

        await in_transaction(self._client, work)

    async def get(self, request_id: UUID) -> Request | None:
        """The request, or None for an unknown one."""
        return await self._one({"_id": str(request_id)})

    async def by_token(self, token: str) -> Request | None:
        """The request that a mailed link confirms."""
        return await self._one({"confirm": token_hash(token)})

    async def of(self, merchants: Iterable[str]) -> list[Request]:
        """The requests to these shops, whose time ends first before all others."""
        found = {"merchant_id": {"$in": [*merchants]}} | alive(self._now())
        return [_request(row) async for row in self._rows.find(found).sort("due_at", 1)]

    async def everybodys(self) -> list[Request]:
        """The requests to all shops, for whoever runs the house."""
        rows = self._rows.find(alive(self._now())).sort("due_at", 1)
        return [_request(row) async for row in rows]

    async def save(self, before: Request, after: Request) -> Request:
        """Keeps a changed request; raises NotAllowed when somebody else was faster."""
        if after == before:
            return after
        unchanged = {"_id": str(before.request_id), "version": before.version}

        async def work(session: Session) -> bool:
            saved = await self._rows.replace_one(unchanged, _row(after), session=session)
            return saved.matched_count == 1

        if not await in_transaction(self._client, work):
            raise NotAllowed("request_state")
        return after

    async def _one(self, found: Document) -> Request | None:
        row = await self._rows.find_one(found | alive(self._now()))
        return _request(row) if row else None


def token_hash(token: str) -> str:
    """What is kept of a link that was mailed."""
    return sha256(token.encode()).hexdigest()


def _row(request: Request) -> Document:
    fields = {name: value for name, value in vars(request).items() if name != "request_id"}
    return fields | {
        "_id": str(request.request_id), "kind": request.kind.value, "state": request.state.value,
        "conversations": [*request.conversations], "erasures": [*request.erasures],
        "steps": [vars(step) for step in request.steps],
    }  # fmt: skip


def _request(row: Document) -> Request:
    fields = {name: value for name, value in row.items() if name != "_id"}
    return Request(
        **fields | {
            "request_id": UUID(row["_id"]), "kind": Kind(row["kind"]), "state": State(row["state"]),
            "conversations": tuple(row["conversations"]), "erasures": tuple(row["erasures"]),
            "steps": tuple(Step(**step) for step in row["steps"]),
        }
    )  # fmt: skip
