"""The ledger of erasures outside of the store: what the bus still knows when the store is restored."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from operator import gt, lt
from typing import Any

from pydantic import TypeAdapter

from deploy.backup.manifest import Ledger
from deploy.kafka.groups import admin_of
from deploy.kafka.reading import beginnings, ends, reader, records
from deploy.local.errors import LocalFault
from libs.contracts.privacy import ErasureRecorded
from libs.contracts.topics import LEDGER
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage


@dataclass(frozen=True)
class Bus:
    """The bus as far as backups need it."""

    bootstrap: str

    async def position(self) -> Ledger:
        """How far the ledger is now."""
        async with reader(self.bootstrap) as reading:
            found = await ends(reading, LEDGER.name, LEDGER.partitions)
        return Ledger(cluster=await self._cluster(), ends=tuple(found))

    async def erasures_since(self, *known: Ledger) -> list[ErasureRecorded]:
        """Every erasure of the ledger; LocalFault unless it goes on from all `known` without a gap."""
        async with reader(self.bootstrap) as reading:
            begins = await beginnings(reading, LEDGER.name, LEDGER.partitions)
        now = await self.position()
        for one in known:
            check(one, now, begins)
        return [event async for event in self._entries()]

    async def _entries(self) -> AsyncIterator[ErasureRecorded]:
        adapter = LEDGER.adapter()
        async with reader(self.bootstrap) as reading:
            async for record in records(reading, LEDGER.name, partitions=LEDGER.partitions):
                yield entry(record, adapter)

    async def _cluster(self) -> str:
        async with admin_of(self.bootstrap) as admin:
            answer = await admin.describe_cluster()
        return str(answer["cluster_id"])


def check(known: Ledger, now: Ledger, begins: Sequence[int]) -> None:
    """LocalFault where the ledger is not the one that a backup knew, or does not reach back to it."""
    if now.cluster != known.cluster or any(map(lt, now.ends, known.ends)):
        raise LocalFault(
            "The ledger of erasures on this bus is not the one of the backup, or was emptied: "
            "what was erased since would come back",
            "Connect the bus that was there when the backup was made (KAFKA_BOOTSTRAP).",
        )
    if any(map(gt, begins, known.ends)):
        raise LocalFault(
            "The ledger of erasures does not reach back to the backup: it is too old",
            "Take a newer backup.",
        )


def entry(record: Any, adapter: TypeAdapter[Any]) -> ErasureRecorded:
    """An entry of the ledger; LocalFault for one that cannot be read: it may be an erasure."""
    try:
        found = decode(record, adapter)
    except BadMessage as bad:
        raise LocalFault(
            f"An entry of the ledger of erasures cannot be read ({bad.reason}: partition "
            f"{record.partition}, offset {record.offset})",
            "Restore with the version of Prat that wrote it; without it an erasure might be missed.",
        ) from None
    assert isinstance(found, ErasureRecorded)
    return found
