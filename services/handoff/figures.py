"""Plain numbers that waits are reckoned from: recent handling times, and what was last reckoned."""

from datetime import datetime, timedelta

from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Client, Collection, Document, Index, Session, alive, database, ensure
from services.handoff.case import Case
from services.handoff.waiting import NOTHING_KNOWN, Forecast

HANDLED_KEPT = timedelta(days=14)
RECENT = 50
"""So many cases, at most, are recent: older ones say less of today."""

HANDLED = Collection(
    "handled", expiring=True, indexes=(Index(("queue", "at")),),
    required={"queue": "string", "seconds": "double"}, lives=HANDLED_KEPT,
)  # fmt: skip
"""How long cases took: a number, its queue and a time; nothing that leads to a case."""

FORECASTS = Collection("forecasts", expiring=False, required={"places": "double"})


class Figures:
    """Handling times and forecasts by queue."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._db = database(client, "handoff")
        self._handled = self._db[HANDLED.name]
        self._forecasts = self._db[FORECASTS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (HANDLED, FORECASTS))

    async def note(self, session: Session, case: Case, seconds: float) -> None:
        """Remembers how long a case took, in the transaction that ends it."""
        now = self._now()
        row = {
            "queue": queue_of(case.merchant_id, case.skill), "seconds": float(seconds), "at": now,
            "expires_at": now + HANDLED_KEPT,
        }  # fmt: skip
        await self._handled.insert_one(row, session=session)

    async def recent(self, merchant_id: str, skill: str) -> list[float]:
        """The newest handling times of a queue, in seconds."""
        found = {"queue": queue_of(merchant_id, skill)} | alive(self._now())
        cursor = self._handled.find(found).sort("at", -1).limit(RECENT)
        return [row["seconds"] async for row in cursor]

    async def forecast(
        self, merchant_id: str, skill: str, session: Session | None = None
    ) -> Forecast:
        """What waits of this queue are reckoned from, as last told."""
        queue = queue_of(merchant_id, skill)
        row = await self._forecasts.find_one({"_id": queue}, session=session)
        return _forecast(row) if row else NOTHING_KNOWN

    async def forecasts(self) -> dict[str, Forecast]:
        """All of them, by queue."""
        return {row["_id"]: _forecast(row) async for row in self._forecasts.find()}

    async def replace(
        self, session: Session, queue: str, forecast: Forecast, now: datetime, pause: timedelta
    ) -> bool:
        """Takes a new forecast, unless another process took one less than `pause` ago."""
        row = await self._forecasts.find_one({"_id": queue}, session=session)
        if row and row["told_at"] > now - pause:
            return False
        fields: Document = vars(forecast) | {"told_at": now}
        await self._forecasts.replace_one({"_id": queue}, fields, upsert=True, session=session)
        return True


def queue_of(merchant_id: str, skill: str) -> str:
    """The name of a queue among the figures."""
    return f"{merchant_id}/{skill}"


def _forecast(row: Document) -> Forecast:
    return Forecast(row["count"], row["mean"], row["variance"], row["places"])
