"""The improvement inbox in the test's own process, over questions of the test: no broker, no store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from deploy.local.secrets import create_secrets, statistics_token
from libs.contracts.content import PackPublished
from libs.kit.audit import Audit
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from services.analytics.figures import Figures
from services.analytics.inbox.routes import InboxRoutes
from services.analytics.inbox.store import Samples
from services.analytics.keys import Right
from services.analytics.routes import AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from tests.fixtures.served import served
from tests.unit.analytics.fakes import MemoryDoor, MemoryFigures, made_key
from tests.unit.analytics.inbox.fakes import MemoryAudit, MemorySamples

FIGURES_ONLY = "a key that may read figures"


@dataclass
class InboxRoom:
    """A running page, the questions behind it, and the log of who looked."""

    shop: str
    token: str
    samples: MemorySamples
    url: str = ""
    audit: MemoryAudit = field(default_factory=MemoryAudit)

    @property
    def link(self) -> str:
        """The page with the shop's key, as whoever runs the house hands it out."""
        return f"{self.url}#merchant={self.shop}&token={self.token}"


@asynccontextmanager
async def inbox_room(
    folder: Path, pack: PackPublished, authoring_url: str, *, is_on: bool = True
) -> AsyncIterator[InboxRoom]:
    """Serves the page of the pack's shop on a free port until the block ends."""
    shop = pack.merchant_id
    create_secrets(folder, (shop,))
    room = InboxRoom(shop, statistics_token(folder, shop), MemorySamples(now=utc_now(), shop=shop))
    settings = AnalyticsSettings(secrets_dir=folder)
    door = MemoryDoor({FIGURES_ONLY: made_key(Right.READ)}).door(settings)
    inbox = InboxRoutes(
        cast(Samples, room.samples), Packs(pack), cast(Audit, room.audit), door, utc_now,
        is_on=is_on, authoring_url=authoring_url,
    )  # fmt: skip
    figures = cast(Figures, MemoryFigures())
    routes = AnalyticsRoutes(figures, Packs(pack), settings, door, utc_now, tuple(inbox.routes()))
    async with served(routes.app()) as port:
        room.url = f"http://127.0.0.1:{port}/inbox/"
        yield room
