"""The statistics page in the test's own process, over figures that a test puts in: no broker, no store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

from libs.kit.clock import utc_now
from libs.kit.content import Packs
from services.analytics.figures import Figures
from services.analytics.routes import AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from tests.builders import pack, secrets_folder
from tests.fixtures.served import served
from tests.unit.analytics.fakes import MemoryDoor, MemoryFigures, shown

WEEKEND = 5


@dataclass
class StatisticsRoom:
    """A running page, and what it shows."""

    url: str
    token: str
    figures: MemoryFigures = field(default_factory=MemoryFigures)

    def fill(self, days: int, growth: float = 1.0) -> None:
        """Days until today, each busier than the one before by `growth`."""
        for ago in range(days):
            at = utc_now() - timedelta(days=ago)
            busy = (0.6 if at.weekday() >= WEEKEND else 1.0) * growth**-ago
            hours = {f"{hour:02d}": round(busy * 4 * (hour - 7)) for hour in range(10, 20)}
            n = round(240 * busy)
            self.figures.put("fjellbekk", at, shown(
                chats={"begun": n}, handed={"over": n // 5}, hours=hours,
                volume={"messages": 3 * n, "questions": 2 * n},
                topics={"track_parcel": n // 2, "payment_methods": n // 4},
                outcomes={"answered": n, "fallback": n // 8, "handoff_offered": n // 6},
                languages={"nb": n // 2, "sv": n // 4, "fi": n // 8},
                lengths={"short": n // 2, "medium": n // 3}, mentions={"order_number": n // 6},
                cases={"queued": n // 5, "assigned": n // 6, "solved": n // 7},
                waits={"30": n // 10, "120": n // 12}, handling={"600": n // 8},
                ratings={"4": n // 12, "5": n // 9}, erasures={"asked": n // 20},
            ))  # fmt: skip
        self.figures.counted_at = utc_now()


@asynccontextmanager
async def statistics_room(folder: Path, plots: Path) -> AsyncIterator[StatisticsRoom]:
    """Serves the page on a free port until the block ends."""
    secrets = secrets_folder(folder)
    room = StatisticsRoom("", (secrets / "stats-fjellbekk.token").read_text().strip())
    packs, settings = (
        Packs(pack()),
        AnalyticsSettings(secrets_dir=secrets, analytics_plots_folder=plots),
    )
    routes = AnalyticsRoutes(
        cast(Figures, room.figures), packs, settings, MemoryDoor().door(settings), utc_now
    )
    async with served(routes.app()) as port:
        room.url = f"http://127.0.0.1:{port}/"
        yield room
