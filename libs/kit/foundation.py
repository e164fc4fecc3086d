"""What every service stands on, built once by its `app.py`: bus, store client, keys, content."""

from dataclasses import dataclass

from faststream.kafka import KafkaBroker

from libs.contracts.sealed import Purpose
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import ContentView, MerchantContent, OnPublished
from libs.kit.drift import Drift
from libs.kit.expiry import Tally
from libs.kit.http import Check
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, connect
from libs.kit.service import Service
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing


@dataclass(frozen=True)
class Foundation:
    """The parts that rooms are built from; `service` already starts and stops them."""

    service: Service
    bus: Bus
    client: Client
    ring: KeyRing
    content: MerchantContent


def lay(
    name: str,
    settings: CommonSettings,
    purposes: tuple[Purpose, ...],
    *,
    broker: KafkaBroker | None = None,
    content: MerchantContent | None = None,
    on_published: OnPublished | None = None,
) -> Foundation:
    """The foundation of service `name`, holding the keys of `purposes` only.

    A test may bring its own broker and content; `on_published` hears of each new pack.
    """
    view = None
    if content is None:
        content = view = ContentView(settings, on_published)
    bus = Bus(settings, name, broker, known=content.wait_for)
    client = connect(settings.store_url())
    keys = MongoKeyStore(client)
    service = Service(name, settings, bus, client)
    service.prepare.append(keys.prepare)
    if view:
        service.prepare.append(view.start)
        service.background.append(view.followed)
        service.finish.append(view.stop)
    service.checks["content"] = _some_merchant(content)
    drift = Drift(client)
    service.checks["expiry"], service.alarms["expiry"] = drift.problem, drift.alarm
    service.readings.append(drift.readings)
    tally = Tally(client, name, utc_now)
    service.prepare.append(tally.prepare)
    service.background += [drift.watch, tally.go]
    ring = KeyRing(keys, settings.keks(*purposes))
    return Foundation(service, bus, client, ring, content)


def _some_merchant(content: MerchantContent) -> Check:
    async def check() -> str | None:
        missing = "no merchant is known: run `prat content publish FOLDER`"
        return None if content.all() else missing

    return check
