"""Builds analytics: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, CASE, PRIVACY, VISITOR
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.mongo import database
from libs.kit.outbox import Outbox
from libs.kit.service import Listener, Service, run
from services.analytics.handlers import AnalyticsHandlers
from services.analytics.routes import AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from services.analytics.store import AnalyticsStore


def build(
    settings: AnalyticsSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or AnalyticsSettings()
    base = lay("analytics", settings, (Purpose.DIALOGUE,), broker=broker, content=content)
    outbox = Outbox(database(base.client, "analytics"), base.bus, owner=settings.instance)
    store = AnalyticsStore(base.client, outbox, utc_now)
    handlers = AnalyticsHandlers(base.bus, store, base.content, base.ring, utc_now)
    base.bus.subscribe("counts", VISITOR, BOT, CASE, PRIVACY, handlers=handlers.table())
    service = base.service
    service.prepare.append(store.prepare)
    service.background.append(outbox.relay)
    page = AnalyticsRoutes(store, base.content, settings, utc_now).app()
    service.listeners += [
        Listener(page, settings.analytics_public_port),
        Listener(service.health(), settings.analytics_internal_port),
    ]
    return service


def main() -> None:
    """Runs analytics until it is told to stop."""
    run(build)
