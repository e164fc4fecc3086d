"""What lies in the store for longer than the notice says: a shop may have shortened its days."""

from datetime import datetime, timedelta

from deploy.cli.published import opened_store
from libs.contracts.content import Merchant
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, alive, database

SLACK = timedelta(minutes=5)
"""Clocks differ by less than this, or the house says so itself."""


async def outliving(merchant: Merchant) -> list[tuple[Purpose, int]]:
    """The purposes of which something ends later than a message sent just now may, and the days told."""
    told = {Purpose.DIALOGUE: merchant.retention_days, Purpose.CASE: merchant.case_cap_days}
    async with opened_store() as client:
        return [
            (purpose, days)
            for purpose, days in told.items()
            if await _is_outlived(
                client, merchant.id, purpose, utc_now() + timedelta(days=days) + SLACK
            )
        ]


async def has_files(merchant: Merchant) -> bool:
    """Whether files of visitors lie there: a shop may have stopped taking them."""
    living = {"merchant_id": merchant.id} | alive(utc_now())
    async with opened_store() as client:
        return await database(client, "retention")["attachments"].find_one(living) is not None


async def _is_outlived(client: Client, merchant: str, purpose: Purpose, end: datetime) -> bool:
    db, late = database(client, "retention"), {"merchant_id": merchant, "expires_at": {"$gt": end}}
    if purpose is Purpose.CASE and await db["attachments"].find_one(late):
        return True
    return await db["messages"].find_one(late | {"sealed.purpose": purpose.value}) is not None
