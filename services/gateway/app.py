"""Builds the gateway: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT, CASE, PRIVACY, TRANSCRIPT
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.http import web_app
from libs.kit.service import Listener, Service, run
from libs.kit.transcript import TranscriptClient
from services.gateway.door import Door
from services.gateway.handlers import GatewayHandlers
from services.gateway.routes import Cors, GatewayRoutes
from services.gateway.sessions import LiveSockets
from services.gateway.settings import GatewaySettings
from services.gateway.socket import SocketRoutes
from services.gateway.store import SessionStore


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
    transcript = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    door = Door(settings, base.bus, store, base.ring, base.content, transcript, utc_now)
    handlers = GatewayHandlers(base.bus, store, sockets, base.ring, utc_now)
    base.bus.subscribe("delivery", BOT, CASE, PRIVACY, handlers=handlers.deliveries())
    base.bus.subscribe("confirmation", TRANSCRIPT, handlers=handlers.confirmations())
    service = base.service
    service.prepare.append(store.prepare)
    service.finish.append(transcript.close)
    http = GatewayRoutes(door, sockets, utc_now).routes()
    app = web_app([*http, *SocketRoutes(door, sockets, handlers).routes()])
    app.add_middleware(Cors, door=door)
    service.listeners.append(Listener(app, settings.gateway_public_port))
    service.listeners.append(Listener(service.health(), settings.gateway_internal_port))
    return service


def main() -> None:
    """Runs the gateway until it is told to stop."""
    run(build)
