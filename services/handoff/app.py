"""Builds handoff: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import PRIVACY, TRANSCRIPT, VISITOR
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.mongo import database
from libs.kit.outbox import Outbox
from libs.kit.service import Listener, Service, run
from libs.kit.transcript import TranscriptClient
from services.handoff.accounts import AccountStore
from services.handoff.agents import ACCOUNTS_FILE, Agents
from services.handoff.desk import Desk
from services.handoff.doorway import Doorway
from services.handoff.handlers import HandoffHandlers
from services.handoff.notices import Notices
from services.handoff.routes import console
from services.handoff.settings import HandoffSettings
from services.handoff.store import CaseStore


def build(
    settings: HandoffSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or HandoffSettings()
    base = lay(
        "handoff", settings, (Purpose.DIALOGUE, Purpose.CASE), broker=broker, content=content
    )
    outbox = Outbox(database(base.client, "handoff"), base.bus, owner=settings.instance)
    store, accounts = CaseStore(base.client, outbox), AccountStore(base.client)
    agents, notices = Agents(accounts), Notices()
    transcript = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    handlers = HandoffHandlers(store, base.ring, base.content, notices)
    base.bus.subscribe("cases", VISITOR, TRANSCRIPT, PRIVACY, handlers=handlers.table())

    async def seed_agents() -> None:
        await agents.seed(settings.secrets_dir / ACCOUNTS_FILE)

    service = base.service
    service.prepare += [store.prepare, accounts.prepare, seed_agents]
    service.background.append(outbox.relay)
    service.finish += [notices.close, transcript.close]
    doorway = Doorway(agents, base.content, notices, settings.handoff_secure_cookies)
    desk = Desk(store, agents, base.ring, base.content, transcript, notices)
    service.listeners += [
        Listener(console(doorway, desk), settings.handoff_public_port),
        Listener(service.health(), settings.handoff_internal_port),
    ]
    return service


def main() -> None:
    """Runs handoff until it is told to stop."""
    run(build)
