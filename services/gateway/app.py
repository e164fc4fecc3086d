"""Builds the gateway: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, CASE, PRIVACY, TRANSCRIPT
from libs.kit.bus import SOON_MS
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.http import web_app
from libs.kit.service import Listener, Service, run
from libs.kit.staffing import StaffingView
from libs.kit.transcript import TranscriptClient
from services.gateway.attachments import AttachmentRoutes
from services.gateway.door import Door
from services.gateway.handlers import GatewayHandlers
from services.gateway.history import Edge
from services.gateway.notices import NoticeRoutes
from services.gateway.peers import Peers
from services.gateway.polls import PollRoutes
from services.gateway.queues import QueueView
from services.gateway.routes import Cors, GatewayRoutes
from services.gateway.screen import Screen
from services.gateway.sessions import LiveSockets
from services.gateway.settings import GatewaySettings
from services.gateway.signs import Signs
from services.gateway.socket import SocketRoutes
from services.gateway.store import SessionStore
from services.gateway.workshop import WorkshopRoutes


def build(
    settings: GatewaySettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or GatewaySettings()
    base = lay(
        "gateway", settings, (Purpose.DIALOGUE, Purpose.CASE), broker=broker, content=content
    )
    store = SessionStore(base.client, utc_now)
    sockets = LiveSockets()
    token = settings.secret("internal.token")
    transcript = TranscriptClient(settings.retention_url, token)
    staffing = StaffingView(settings)
    door = Door(settings, base.bus, store, base.ring, base.content, staffing, transcript, utc_now)
    screen = Screen(sockets, base.ring, store)
    queues = QueueView(settings, screen.queue_changed)
    peers = Peers(settings.gateway_peer_url, token, store, sockets)
    handlers = GatewayHandlers(base.bus, store, screen, peers, utc_now)
    base.bus.subscribe(
        "delivery", BOT, CASE, PRIVACY, handlers=handlers.deliveries(), wait_ms=SOON_MS
    )
    base.bus.subscribe("confirmation", TRANSCRIPT, handlers=handlers.confirmations())
    service = base.service
    service.prepare += [store.prepare, staffing.start, queues.start]
    signs = Signs(sockets, base.bus, settings.gateway_sign_seconds, utc_now)
    service.background += [peers.renew, staffing.followed, queues.followed, signs.give]
    service.finish += [transcript.close, peers.close, staffing.stop, queues.stop]
    http = GatewayRoutes(door, utc_now).routes()
    notices = NoticeRoutes(base.content, settings.handoff_audit_days).routes()
    edge = Edge(door, sockets, screen, peers)
    polls = PollRoutes(edge)
    service.finish.insert(0, polls.close)
    lines = [*SocketRoutes(edge).routes(), *polls.routes(), *AttachmentRoutes(door).routes()]
    public = web_app([*http, *notices, *lines, *WorkshopRoutes().routes()])
    public.add_middleware(Cors, door=door)
    internal = web_app([*peers.routes(screen.show), *service.health_routes()])
    service.listeners.append(Listener(public, settings.gateway_public_port))
    service.listeners.append(Listener(internal, settings.gateway_internal_port))
    return service


def main() -> None:
    """Runs the gateway until it is told to stop."""
    run(build)
