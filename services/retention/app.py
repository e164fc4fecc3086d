"""Builds retention: everything it is made of, in one place."""

from datetime import timedelta

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import ANALYTICS, BOT, CASE, PRIVACY, VISITOR
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.http import web_app
from libs.kit.outbox import Outbox
from libs.kit.service import Listener, Service, run
from services.retention.attachments import AttachmentStore
from services.retention.casefiles import CaseFiles
from services.retention.customers import Customers
from services.retention.daily import Daily
from services.retention.downloads import Downloads
from services.retention.filing import Filing
from services.retention.handlers import KINDS, RetentionHandlers
from services.retention.ledger import Ledger
from services.retention.overview import Overview
from services.retention.pursuit import Pursuit
from services.retention.receipts import Signer
from services.retention.routes import RetentionRoutes
from services.retention.settings import RECEIPT_KEY, RetentionSettings
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
    signer = Signer(settings.key(RECEIPT_KEY), settings.retired_receipt_keys())
    ledger = Ledger(base.client, outbox, signer.sign, utc_now)
    customers = Customers(base.client, base.ring, utc_now)
    handlers = RetentionHandlers(
        base.bus, store, customers, ledger, base.content, base.ring, outbox, utc_now
    )
    base.bus.subscribe_batches(
        "transcript", VISITOR, BOT, CASE, PRIVACY, ANALYTICS, kinds=KINDS, handler=handlers.handle
    )
    service = base.service
    service.prepare += [store.prepare, ledger.prepare]
    again, overdue = settings.retention_ask_again_seconds, settings.retention_overdue_seconds
    pursuit = Pursuit(
        ledger, base.bus, timedelta(seconds=again), timedelta(seconds=overdue), utc_now
    )
    service.background += [outbox.relay, pursuit.go]
    token = settings.secret("internal.token")
    casefiles = CaseFiles(settings.handoff_url, token)
    service.finish.append(casefiles.close)
    files = AttachmentStore(base.client, utc_now)
    downloads = Downloads(
        store, customers, files, casefiles, signer, base.content, base.ring, token, utc_now
    )
    routes = RetentionRoutes(store, ledger, signer, base.content, base.ring, outbox, token, utc_now)
    service.alarms["erasures"] = pursuit.alarm
    daily = Daily(base.client, signer.signed, service.alarms, utc_now)
    service.prepare.append(daily.prepare)
    service.background.append(daily.go)
    service.readings.append(pursuit.readings)
    overview = Overview(base.client, token, utc_now)
    filing = Filing(files, base.content, token, utc_now)
    inner = (*routes.routes(), *filing.routes(), *downloads.routes(), *overview.routes())
    app = web_app([*inner, *service.health_routes()])
    service.listeners.append(Listener(app, settings.retention_internal_port))
    return service


def main() -> None:
    """Runs retention until it is told to stop."""
    run(build)
