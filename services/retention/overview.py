"""Retention's internal address for a shop's data protection officer: what was erased, what is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.topics import SERVICES
from libs.kit.clock import Now
from libs.kit.http import require_internal
from libs.kit.mongo import Client, Document, alive, database
from services.retention.daily import STATEMENTS
from services.retention.ledger import ERASURES
from services.retention.store import MESSAGES

MOST = 50
"""Erasures that are listed, the newest first."""

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Overview:
    """Numbers and times of one shop, nothing of its conversations."""

    client: Client
    token: str
    now: Now

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [Route("/internal/overview", self.overview)]

    async def overview(self, request: Request) -> Response:
        """The erasures of `?merchant_id=`, how old its oldest message is, and the newest statement."""
        require_internal(request, self.token)
        mine = {"merchant_id": request.query_params.get("merchant_id", "")}
        db, now = database(self.client, "retention"), self.now()
        erasures, messages = db[ERASURES.name], db[MESSAGES.name]
        finished = mine | {"completed_at": {"$gte": now - LOOKED_BACK}}
        rows = erasures.find(mine | alive(now)).sort("requested_at", -1).limit(MOST)
        late = await messages.find_one(
            mine | {"expires_at": {"$lte": now}}, sort=[("expires_at", 1)]
        )
        oldest = await messages.find_one(mine | alive(now), sort=[("sent_at", 1)])
        statement = await db[STATEMENTS.name].find_one({}, {"signed.day": 1}, sort=[("_id", -1)])
        return JSONResponse({
            "finished": await erasures.count_documents(finished),
            "running": await erasures.count_documents(mine | {"completed_at": None}),
            "erasures": [_shown(row) async for row in rows],
            "messages": await messages.count_documents(mine | alive(now)),
            "oldest": _iso(oldest["sent_at"]) if oldest else None,
            "late_seconds": round((now - late["expires_at"]).total_seconds()) if late else 0,
            "statement": statement["signed"]["day"] if statement else None,
        })  # fmt: skip


def _shown(row: Document) -> dict[str, Any]:
    return {
        "id": row["_id"], "requested_by": row["requested_by"],
        "requested_at": _iso(row["requested_at"]), "completed_at": _iso(row["completed_at"]),
        "waiting_for": [] if row["completed_at"] else sorted(set(SERVICES) - {*row["deleted"]}),
        "receipt": bool(row.get("receipt")),
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
