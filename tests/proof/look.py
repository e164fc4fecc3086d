"""A look at what is left of a conversation: on the bus, in the store, and at retention's door."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from deploy.demo.runner import DemoHouse
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client
from libs.kit.settings import CommonSettings
from libs.kit.transcript import TranscriptClient
from libs.privacy.keys import KeyRing
from tests.proof.remains import remains, unsealed, wrapped_keys
from tests.proof.sealed import copies, opened


class Expected(Enum):
    """What a look is to find."""

    PRESENT = "all of it"
    UNREADABLE = "nothing readable"
    GONE = "nothing"


@dataclass
class Look:
    """What was found at one moment; `shown` is what retention gives out, where it was asked."""

    when: str
    expected: Expected
    sealed: int
    opened: int
    keys: int
    records: dict[str, int] = field(default_factory=dict)
    shown: int | None = None

    def faults(self, first: "Look") -> list[str]:
        """What is not as it was expected; `first` is the look before anything ended."""
        if self.expected is Expected.PRESENT:
            return self._missing(first)
        wrong = [f"{self.opened} sealed copies still open"] * bool(self.opened)
        wrong += [f"{self.shown} messages are still shown"] * bool(self.shown)
        if self.expected is Expected.GONE:
            wrong += [f"{self.keys} keys are still there"] * bool(self.keys)
            wrong += [f"still in the store: {n} in {name}" for name, n in self.records.items()]
        return [f"{self.when}: {one}" for one in wrong]

    def _missing(self, first: "Look") -> list[str]:
        now = (self.opened, self.keys, sum(self.records.values()))
        then = (first.opened, first.keys, sum(first.records.values()))
        wrong = ["too early: something is gone"] * any(
            a < b for a, b in zip(now, then, strict=True)
        )
        wrong += ["nothing is shown"] * (self.shown == 0)
        return [f"{self.when}: {one}" for one in wrong]


class Looking:
    """Looks into a running house's store and bus, with all keys that there are."""

    def __init__(self, house: DemoHouse, client: Client, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead
        self._client = client
        self._bootstrap = house.kafka.bootstrap
        settings = CommonSettings(secrets_dir=house.places.secrets)
        keys = MongoKeyStore(client, lambda: utc_now() + self.ahead)
        self._ring = KeyRing(keys, settings.keks(*Purpose))
        self._retention = house.layout.internal_url("retention")
        self._token = settings.secret("internal.token")

    async def at(
        self, conversation_id: str, when: str, expected: Expected, *, ask: bool = True
    ) -> Look:
        """One look; with `ask` retention is asked for messages, too."""
        found = await copies(self._bootstrap, conversation_id)
        return Look(
            when, expected,
            sealed=sum(len(copy.ciphertexts) for copy in found),
            opened=await opened(self._ring, found),
            keys=await wrapped_keys(self._client, conversation_id),
            records=await self.records(conversation_id),
            shown=await self.shown(conversation_id) if ask else None,
        )  # fmt: skip

    async def records(self, conversation_id: str) -> dict[str, int]:
        """What the store holds, but for marks and sealed events that were sent."""
        return dict(unsealed(await remains(self._client, conversation_id)))

    async def shown(self, conversation_id: str) -> int:
        """How many messages retention gives out."""
        retention = TranscriptClient(self._retention, self._token)
        try:
            return len((await retention.page(conversation_id)).messages)
        finally:
            await retention.close()
