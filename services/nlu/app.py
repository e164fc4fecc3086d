"""Builds nlu: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import CASE, PRIVACY, VISITOR
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.outbound import Outbound, plain_hosts
from libs.kit.service import Listener, Service, run
from libs.kit.signed import secret_file
from libs.kit.staffing import StaffingView
from services.nlu.authoring.app import add_authoring, when_published
from services.nlu.authoring.previews import real_id
from services.nlu.authoring.versions import Recorder
from services.nlu.handlers import NluHandlers
from services.nlu.settings import NluSettings
from services.nlu.shop.feed import ProductFeeds
from services.nlu.shop.orders import Shops
from services.nlu.shop.signed import SignedCalls
from services.nlu.store import DialogueStore
from services.nlu.understanding.brains import Brains
from services.nlu.understanding.embeddings import embeddings_for
from services.nlu.understanding.heap import keep_apart
from services.nlu.understanding.kept import Lessons


def build(
    settings: NluSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or NluSettings()
    outbound = Outbound(plain_hosts(settings.nlu_webhook_plain_hosts))
    products = ProductFeeds(outbound)
    calls = SignedCalls(outbound, lambda name: settings.secret(secret_file(real_id(name))), utc_now)
    lessons = Lessons(embeddings_for(settings), settings.nlu_cache_folder)
    brains, recorder = Brains(products.watch, lessons), Recorder()
    base = lay(
        "nlu", settings, (Purpose.DIALOGUE,),
        broker=broker, content=content, on_published=when_published(brains, recorder),
    )  # fmt: skip
    store, staffing = DialogueStore(base.client, utc_now), StaffingView(settings)
    handlers = NluHandlers(
        base.bus, store, base.ring, base.content, brains, Shops(calls), products, staffing, utc_now
    )
    base.bus.subscribe("dialogue", VISITOR, CASE, PRIVACY, handlers=handlers.table())
    service = base.service
    service.prepare += [store.prepare, staffing.start]
    service.background += [products.keep_fresh, staffing.followed]
    service.finish += [outbound.close, staffing.stop]
    add_authoring(base, settings, brains, recorder)
    service.listeners.append(Listener(service.health(), settings.nlu_internal_port))
    return service


def main() -> None:
    """Runs nlu until it is told to stop."""
    keep_apart()
    run(build)
