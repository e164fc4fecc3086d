"""Builds retention: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import ANALYTICS, BOT, CASE, PRIVACY, VISITOR
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.http import health_routes, web_app
from libs.kit.outbox import Outbox
from libs.kit.service import Listener, Service, run
from services.retention.handlers import RetentionHandlers
from services.retention.routes import RetentionRoutes
from services.retention.settings import RetentionSettings
from services.retention.store import RetentionStore


def build(
    settings: RetentionSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or RetentionSettings()
    base = lay(
        "retention", settings, (Purpose.DIALOGUE, Purpose.CASE), broker=broker, content=content
    )
    store = RetentionStore(base.client, utc_now)
    outbox = Outbox(store.db, base.bus, owner=settings.instance)
    handlers = RetentionHandlers(base.bus, store, base.content, base.ring, outbox, utc_now)
    base.bus.subscribe(
        "transcript", VISITOR, BOT, CASE, PRIVACY, ANALYTICS, handlers=handlers.table()
    )
    service = base.service
    service.prepare.append(store.prepare)
    service.background.append(outbox.relay)
    token = settings.secret("internal.token")
    routes = RetentionRoutes(store, base.content, base.ring, outbox, token, utc_now)
    health = health_routes(base.bus.problem, service.all_checks())
    app = web_app([*routes.routes(), *health])
    service.listeners.append(Listener(app, settings.retention_internal_port))
    return service


def main() -> None:
    """Runs retention until it is told to stop."""
    run(build)
