"""Builds the rights desk."""

from dataclasses import dataclass

from libs.kit.audit import Audit
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.kit.mongo import Client
from libs.kit.service import Step
from libs.kit.tries import Tries
from services.handoff.blind import Blind
from services.handoff.doorway import Doorway
from services.handoff.notices import Notices
from services.handoff.rightsdesk.acts import Acts
from services.handoff.rightsdesk.confirming import Confirming
from services.handoff.rightsdesk.counter import Counter
from services.handoff.rightsdesk.desk import Desk
from services.handoff.rightsdesk.mail import post_of
from services.handoff.rightsdesk.overview import Overview
from services.handoff.rightsdesk.request_store import RequestStore
from services.handoff.routes import Room
from services.handoff.settings import HandoffSettings
from services.handoff.store import CaseStore
from services.handoff.texts import Texts

NOBODY = "Prat <no-reply@prat.example>"


@dataclass(frozen=True)
class RightsDesk:
    """Its addresses, and what is to be done before they are asked."""

    rooms: tuple[Room, ...]
    prepare: Step


def rights_desk(
    client: Client, content: MerchantContent, settings: HandoffSettings, *, doorway: Doorway,
    cases: CaseStore, texts: Texts, blind: Blind, audit: Audit, tries: Tries, notices: Notices,
    now: Now = utc_now,
) -> RightsDesk:  # fmt: skip
    """The desk, beside the rooms that deal with cases."""
    requests = RequestStore(client, now)
    counter = Counter(
        doorway, requests, cases, texts.transcript, content, blind, audit, tries,
        post=post_of(settings), sender=settings.handoff_mail_from or NOBODY,
        origin=settings.console_origin().rstrip("/"), now=now,
    )  # fmt: skip
    rooms = (
        Desk(counter), Acts(counter, texts, notices), Confirming(counter), Overview(counter),
    )  # fmt: skip
    return RightsDesk(rooms, requests.prepare)
