"""Builds handoff: everything it is made of, in one place."""

from datetime import timedelta
from functools import partial

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, PRIVACY, TRANSCRIPT, VISITOR
from libs.kit import audit, second_factor
from libs.kit.audit import Audit
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.http import web_app
from libs.kit.mongo import database
from libs.kit.outbox import Outbox
from libs.kit.second_factor import SecondFactor
from libs.kit.service import Listener, Service, run
from libs.kit.transcript import TranscriptClient
from libs.kit.tries import Tries
from services.handoff.accounts import AccountStore
from services.handoff.administration import Administration
from services.handoff.agents import ACCOUNTS_FILE, Agents
from services.handoff.blind import KEY_FILE, Blind
from services.handoff.disclosure import Disclosure
from services.handoff.doorway import Doorway
from services.handoff.floor import Pace
from services.handoff.handlers import HandoffHandlers
from services.handoff.notices import Notices
from services.handoff.oversight import Oversight
from services.handoff.rightsdesk.rooms import rights_desk
from services.handoff.rooms import case_rooms
from services.handoff.roster import Roster
from services.handoff.rounds import Rounds
from services.handoff.routes import console
from services.handoff.settings import HandoffSettings
from services.handoff.sign_on import add_sign_on
from services.handoff.staff import Staff
from services.handoff.store import CaseStore
from services.handoff.texts import Texts
from services.handoff.webhooks import add_webhooks
from services.handoff.witness import Witness


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
    webhooks = add_webhooks(base, settings)
    store = CaseStore(base.client, outbox, also=[webhooks])
    accounts = AccountStore(base.client)
    log = Audit(base.client, "handoff", settings.key(audit.KEY_FILE))
    second = SecondFactor(accounts, settings.key(second_factor.KEY_FILE))
    roster = Roster(
        base.client, outbox, capacity=settings.handoff_agent_capacity,
        silence=timedelta(seconds=settings.handoff_silence_seconds),
    )  # fmt: skip
    agents, notices = Agents(accounts, second=second, audit=log), Notices()
    staff = Staff(roster, notices)
    rounds = Rounds(store, roster, base.ring, base.content, notices, _pace(settings))
    transcript = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    blind = Blind(settings.key(KEY_FILE))
    handlers = HandoffHandlers(store, base.ring, base.content, notices, roster, blind)
    base.bus.subscribe("cases", VISITOR, BOT, TRANSCRIPT, PRIVACY, handlers=handlers.table())

    async def seed_agents() -> None:
        await agents.seed(settings.secrets_dir / ACCOUNTS_FILE)

    service = base.service
    service.prepare += [
        store.prepare, roster.prepare, accounts.prepare, log.prepare, seed_agents,
    ]  # fmt: skip
    service.background.append(outbox.relay)
    service.finish += [notices.close, transcript.close]
    service.background += [rounds.go, staff.keep_beating]
    service.background.append(partial(log.kept_for, settings.handoff_audit_days))
    doorway = Doorway(
        agents, base.content, notices, secure_cookies=settings.handoff_secure_cookies,
        witness=Witness(log), staff=staff,
    )  # fmt: skip
    add_sign_on(service, doorway, base.client, settings)
    doorway.further += Oversight(doorway, Administration("", agents, second, log)).routes()
    rooms = case_rooms(
        store, doorway, staff, ring=base.ring, content=base.content, transcript=transcript,
        bus=base.bus,
    )  # fmt: skip
    inner = Disclosure(store, log, settings.secret("internal.token")).routes()
    desk = rights_desk(
        base.client, base.content, settings, doorway=doorway, cases=store,
        texts=Texts(base.ring, transcript, store.notes), blind=blind, audit=log,
        tries=Tries(accounts), notices=notices,
    )  # fmt: skip
    service.prepare.append(desk.prepare)
    service.listeners += [
        Listener(console((*rooms, *desk.rooms)), settings.handoff_public_port),
        Listener(web_app([*inner, *service.health_routes()]), settings.handoff_internal_port),
    ]
    return service


def _pace(settings: HandoffSettings) -> Pace:
    pause = timedelta(seconds=settings.handoff_wait_pause_seconds)
    return Pace(settings.handoff_round_seconds, settings.handoff_wait_share, pause)


def main() -> None:
    """Runs handoff until it is told to stop."""
    run(build)
