"""Builds nlu: everything it is made of, in one place."""

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.contracts.topics import CASE, PRIVACY, VISITOR
from libs.kit.clock import utc_now
from libs.kit.content import MerchantContent
from libs.kit.foundation import lay
from libs.kit.service import Listener, Service, run
from services.nlu.brains import Brains
from services.nlu.feed import ProductFeeds
from services.nlu.handlers import NluHandlers
from services.nlu.outbound import Outbound
from services.nlu.settings import NluSettings
from services.nlu.shop import OrderLookup
from services.nlu.store import DialogueStore


def build(
    settings: NluSettings | None = None,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
) -> Service:
    """The service; a test may bring its own broker and content."""
    settings = settings or NluSettings()
    outbound = Outbound(settings.plain_hosts())
    products = ProductFeeds(outbound)
    orders = OrderLookup(outbound, lambda name: settings.secret(f"webhook-{name}.secret"))
    brains = Brains(on_learned=products.watch)
    base = lay(
        "nlu", settings, (Purpose.DIALOGUE,),
        broker=broker, content=content, on_published=brains.learn,
    )  # fmt: skip
    store = DialogueStore(base.client, utc_now)
    handlers = NluHandlers(
        base.bus, store, base.ring, base.content, brains, orders, products, utc_now
    )
    base.bus.subscribe("dialogue", VISITOR, CASE, PRIVACY, handlers=handlers.table())
    service = base.service
    service.prepare.append(store.prepare)
    service.background.append(products.keep_fresh)
    service.finish.append(outbound.close)
    service.listeners.append(Listener(service.health(), settings.nlu_internal_port))
    return service


def main() -> None:
    """Runs nlu until it is told to stop."""
    run(build)
