"""Adds authoring to nlu: the versions that every process keeps, and the page where there is one."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

from libs.contracts.content import PackPublished
from libs.kit.clock import utc_now
from libs.kit.foundation import Foundation
from libs.kit.service import Listener
from services.nlu.authoring.desk import AuthoringDesk
from services.nlu.authoring.doorway import Doorway
from services.nlu.authoring.drafts import Drafts
from services.nlu.authoring.editors import ACCOUNTS_FILE, Editors, EditorStore
from services.nlu.authoring.routes import AuthoringRoutes
from services.nlu.authoring.versions import Recorder, Versions
from services.nlu.content.merchant_rules import PREVIEW
from services.nlu.content.packs import starter_sources
from services.nlu.settings import NluSettings
from services.nlu.understanding.brains import Brains

FROM_ENVIRONMENT = "PRAT_SHOP_"
"""Only these variables are filled into what is written in a browser: all others are our own."""

FORGOTTEN = timedelta(hours=1)
"""A preview that is older is learned again only when somebody talks to it."""


def when_published(
    brains: Brains, recorder: Recorder
) -> Callable[[PackPublished], Awaitable[None]]:
    """What happens with a pack from the bus: it is kept, and the bot learns it."""

    async def published(pack: PackPublished) -> None:
        recorder.take(pack)
        is_preview = pack.merchant_id.endswith(PREVIEW)
        if not (is_preview and pack.occurred_at < utc_now() - FORGOTTEN):
            await brains.learn(pack)

    return published


def add_authoring(
    base: Foundation, settings: NluSettings, brains: Brains, recorder: Recorder
) -> None:
    """Versions always; drafts, editors and the page where the settings name a port."""
    versions, service = Versions(base.client), base.service
    service.prepare.append(versions.prepare)
    service.background.append(lambda: recorder.keep(versions))
    if not settings.nlu_authoring_port:
        return
    drafts, store = Drafts(base.client), EditorStore(base.client)
    editors = Editors(store)
    environ = {name: os.environ[name] for name in os.environ if name.startswith(FROM_ENVIRONMENT)}
    desk = AuthoringDesk(base.content, drafts, versions, brains, base.bus, utc_now, environ)

    async def seed_editors() -> None:
        await editors.seed(settings.secrets_dir / ACCOUNTS_FILE)

    async def read_ahead() -> None:
        """The first editor need not wait for the starter pack to be read."""
        await asyncio.to_thread(starter_sources)
        await asyncio.Event().wait()

    service.prepare += [drafts.prepare, store.prepare, seed_editors]
    service.background.append(read_ahead)
    service.finish.append(desk.close)
    secure = settings.nlu_secure_cookies
    doorway = Doorway(editors, base.content, settings.gateway_url, secure_cookies=secure)
    page = AuthoringRoutes(desk, doorway, settings.authoring_origin()).app()
    service.listeners.append(Listener(page, settings.nlu_authoring_port))
