"""Where something of a merchant is: every collection, how its part is found, and what removes it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from libs.kit.mongo import Client, Document, database
from services.nlu.authoring.previews import preview_id

Find = Callable[[Sequence[str]], Document]
"""From merchant ids to the query for what is theirs."""


class By(StrEnum):
    """What removes it."""

    ERASURE = "the erasure of its conversations"
    LEAVING = "the merchant's leaving"


@dataclass(frozen=True)
class Part:
    """A merchant's part of a collection."""

    service: str
    collection: str
    find: Find
    by: By

    @property
    def place(self) -> str:
        """As the data map names it."""
        return f"{self.service}.{self.collection}"


def _of(field: str, **more: object) -> Find:
    return lambda ids: {field: {"$in": [*ids]}, **more}


def _below(field: str, end: str) -> Find:
    """Ids that begin with the merchant's and a character that is in no merchant's id."""
    after = chr(ord(end) + 1)
    return lambda ids: {
        "$or": [{field: {"$gte": f"{one}{end}", "$lt": f"{one}{after}"}} for one in ids]
    }


OWN = _of("merchant_id")

PARTS = (
    Part("keys", "conversation_keys", _of("merchant_id", wrapped={"$ne": None}), By.ERASURE),
    Part("gateway", "sessions", OWN, By.ERASURE),
    Part("nlu", "dialogues", OWN, By.ERASURE),
    Part("handoff", "cases", OWN, By.ERASURE),
    Part("handoff", "notes", OWN, By.ERASURE),
    Part("handoff", "given", OWN, By.ERASURE),
    Part("handoff", "mentioned", OWN, By.ERASURE),
    Part("retention", "messages", OWN, By.ERASURE),
    Part("retention", "attachments", OWN, By.ERASURE),
    Part("retention", "conversations", _of("merchant_id", erased_at=None), By.ERASURE),
    Part("handoff", "rights_requests", OWN, By.LEAVING),
    Part("handoff", "deliveries", OWN, By.LEAVING),
    Part("handoff", "delivery_lanes", OWN, By.LEAVING),
    Part("handoff", "delivery_stops", _of("_id"), By.LEAVING),
    Part("handoff", "handled", _below("queue", "/"), By.LEAVING),
    Part("handoff", "forecasts", _below("_id", "/"), By.LEAVING),
    Part("handoff", "staffing", _of("_id"), By.LEAVING),
    Part("handoff", "agents", _of("grants.merchant_id"), By.LEAVING),
    Part("nlu", "editors", _of("merchants"), By.LEAVING),
    Part("nlu", "packs", OWN, By.LEAVING),
    Part("nlu", "publications", OWN, By.LEAVING),
    Part("nlu", "drafts", _of("_id"), By.LEAVING),
    Part("nlu", "draft_steps", OWN, By.LEAVING),
    Part("analytics", "counts", _below("_id", "|"), By.LEAVING),
    Part("analytics", "releases", _below("_id", "|"), By.LEAVING),
    Part("analytics", "freshness", _of("_id"), By.LEAVING),
    Part("analytics", "samples", OWN, By.LEAVING),
    Part("analytics", "statistics_keys", OWN, By.LEAVING),
)  # fmt: skip

STAYS: Mapping[str, str] = {
    "retention.statements": "signed numbers of each day, about no shop",
    "retention.erasures": "proof of each erasure, without content",
    "handoff.audit": "who looked at what, chained and signed; it ends by itself",
    "handoff.audit_ends": "the ends of that chain",
    "handoff.conversations": "marks that refuse late events of erased conversations",
    "handoff.inbox": "ids of handled events, for ten days",
    "analytics.audit": "who looked into the inbox, chained and signed; it ends by itself",
    "analytics.audit_ends": "the ends of that chain",
    "analytics.inbox": "ids of counted events, for ten days",
    "analytics.marks": "keyed hashes; erasures delete them",
    "analytics.positions": "offsets of topics",
    "analytics.objections": "ids of conversations; erasures delete them",
    "analytics.pending": "halves of questions; erasures delete them",
    "journal.expiry": "numbers of what ended on a day, for ten days",
    "gateway.holders": "open tabs, for minutes",
    "handoff.presence": "what agents chose, with their accounts",
    "handoff.outbox": "told events, sealed, for ten days",
    "retention.outbox": "told events, sealed, for ten days",
    "analytics.outbox": "told events, for ten days",
    "handoff.outbox_counters": "a number", "retention.outbox_counters": "a number",
    "analytics.outbox_counters": "a number",
    "handoff.sessions": "goes with the account", "nlu.sessions": "goes with the account",
    "analytics.log_in_tries": "hashes, for two hours",
    "handoff.log_in_tries": "hashes, for two hours", "nlu.log_in_tries": "hashes, for two hours",
    "handoff.account_changes": "a number", "nlu.account_changes": "a number",
    "handoff.sign_on_tries": "for ten minutes",
}  # fmt: skip
"""Collections that leaving does not touch, and why."""


def ids_of(merchant: str) -> tuple[str, str]:
    """The merchant, and the preview in which its editors tried their drafts."""
    return merchant, preview_id(merchant)


async def count(client: Client, merchant: str) -> dict[str, int]:
    """How much there is of a merchant, by place; places with nothing are left out."""
    ids = ids_of(merchant)
    counts = {
        part.place: await database(client, part.service)[part.collection].count_documents(
            part.find(ids)
        )
        for part in PARTS
    }
    return {place: number for place, number in counts.items() if number}


async def conversations(client: Client, merchant: str) -> dict[str, str]:
    """Every conversation of which anything is left, with the id that it belongs to."""
    ids = ids_of(merchant)
    parts = [part for part in PARTS if part.by is By.ERASURE]
    return {
        conversation: owner
        for part in parts
        async for conversation, owner in _conversations_in(client, part, ids)
    }


async def _conversations_in(
    client: Client, part: Part, ids: Sequence[str]
) -> AsyncIterator[tuple[str, str]]:
    rows = database(client, part.service)[part.collection]
    async for row in rows.find(part.find(ids), {"conversation_id": 1, "merchant_id": 1}):
        # Sessions, dialogues and conversations are stored under the conversation's own id.
        yield row.get("conversation_id", row["_id"]), row["merchant_id"]
