"""What the store still holds of a conversation; marks of erased ones are no remains."""

from collections import Counter
from typing import Any

from bson.raw_bson import RawBSONDocument

from deploy.backup.writing import KEYS_DATABASE, collections
from libs.kit.mongo import Client, raw_documents
from libs.kit.outbox import OUTBOX


async def remains(client: Client, conversation_id: str) -> Counter[str]:
    """Documents that speak of a conversation, by collection; those of a mark are no remains."""
    found: Counter[str] = Counter()
    for database, collection in await collections(client):
        async for document in raw_documents(client, database, collection).find():
            if conversation_id.encode() in document.raw and not _is_mark(collection, document):
                found[f"{database}.{collection}"] += 1
    return found


NO_RECORDS = f".{OUTBOX.name}"
"""Sent events, sealed; they go after ten days."""


def unsealed(found: Counter[str]) -> Counter[str]:
    """Without what holds nothing that anybody could read."""
    return Counter({name: n for name, n in found.items() if not name.endswith(NO_RECORDS)})


async def wrapped_keys(client: Client, conversation_id: str) -> int:
    """How many keys of a conversation there are."""
    mine: Any = {"conversation_id": conversation_id, "wrapped": {"$ne": None}}
    return await client[KEYS_DATABASE]["conversation_keys"].count_documents(mine)


def _is_mark(collection: str, document: RawBSONDocument) -> bool:
    if collection == "erasures" or document.get("erased_at") or document.get("erased"):
        return True
    return "wrapped" in document and document["wrapped"] is None
