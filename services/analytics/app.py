"""Builds analytics: everything it is made of, in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, CASE, PRIVACY, VISITOR
from libs.kit import audit
from libs.kit.audit import Audit
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import ContentView, MerchantContent
from libs.kit.foundation import lay
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import connect, database
from libs.kit.outbox import Outbox
from libs.kit.service import Listener, Service, run
from libs.kit.tries import Tries
from libs.kit.try_counts import TryCounts
from libs.privacy.keys import KeyRing
from services.analytics.daily import DailyFiles
from services.analytics.door import Door
from services.analytics.figures import Figures
from services.analytics.files import require
from services.analytics.handlers import KINDS, AnalyticsHandlers
from services.analytics.inbox.routes import InboxRoutes
from services.analytics.keys import Keys
from services.analytics.rebuilding import Rebuilding
from services.analytics.routes import AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from services.analytics.store import AnalyticsStore
from services.analytics.stripping import Stripper


def build(
    settings: AnalyticsSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or AnalyticsSettings()
    base = lay("analytics", settings, (Purpose.DIALOGUE,), broker=broker, content=content)
    # Questions tell of nobody and in no order: all leave side by side.
    outbox = Outbox(
        database(base.client, "analytics"), base.bus, owner=settings.instance,
        lane=lambda event: str(event.event_id),
    )  # fmt: skip
    store = AnalyticsStore(base.client, outbox, utc_now, settings.marks_key())
    stripper = Stripper(base.ring, settings.sampling())
    handlers = AnalyticsHandlers(base.bus, store, base.content, base.ring, stripper, utc_now)
    topics = VISITOR, BOT, CASE, PRIVACY
    base.bus.subscribe_batches("counts", *topics, kinds=KINDS, handler=handlers.count)
    service = base.service
    keys = Keys(base.client, utc_now)
    door = Door(settings, keys, Tries(TryCounts(base.client, "analytics")), utc_now)
    service.prepare += [store.prepare, keys.prepare]
    service.background.append(outbox.relay)
    figures = Figures(base.client, utc_now)
    log = Audit(base.client, "analytics", settings.key(audit.KEY_FILE))
    service.prepare.append(log.prepare)
    service.background.append(lambda: log.kept_for(settings.analytics_audit_days))
    inbox = InboxRoutes(
        store.samples, base.content, log, door, utc_now,
        is_on=settings.analytics_inbox_share > 0, authoring_url=settings.authoring_url,
    )  # fmt: skip
    service.background += [files.keep for files in daily_files(settings, figures, base.content)]
    further = tuple(inbox.routes())
    page = AnalyticsRoutes(figures, base.content, settings, door, utc_now, further).app()
    service.listeners += [
        Listener(page, settings.analytics_public_port),
        Listener(service.health(), settings.analytics_internal_port),
    ]
    return service


def daily_files(
    settings: AnalyticsSettings, figures: Figures, content: MerchantContent
) -> list[DailyFiles]:
    """The daily files, where a folder is set; raises ConfigurationError where they cannot be written."""
    if settings.analytics_daily_folder is None:
        return []
    kind, days = settings.analytics_daily_format, settings.analytics_daily_days
    require(kind)
    return [DailyFiles(figures, content, settings.analytics_daily_folder, kind, days, utc_now)]


@asynccontextmanager
async def rebuilding(content: MerchantContent | None = None) -> AsyncIterator[Rebuilding]:
    """What `prat stats rebuild` runs, beside the service or without it."""
    settings = AnalyticsSettings()
    client, view = connect(settings.store_url()), ContentView(settings)
    bus = Bus(settings, "analytics")
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    outbox = Outbox(database(client, "analytics"), bus)
    store = AnalyticsStore(client, outbox, utc_now, settings.marks_key())
    try:
        if content is None:
            await view.start()
        known = content or view
        handlers = AnalyticsHandlers(bus, store, known, ring, Stripper(ring), utc_now)
        yield Rebuilding(client, settings, known, handlers, settings.marks_key(), utc_now)
    finally:
        await view.stop()
        client.close()


def main() -> None:
    """Runs analytics until it is told to stop."""
    run(build)
