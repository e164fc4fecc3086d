"""Builds the parts of the console that deal with cases."""

from libs.kit.bus import Publisher
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.kit.transcript import TranscriptClient
from libs.privacy.keys import KeyRing
from services.handoff.access import Access
from services.handoff.attachments import Attachments
from services.handoff.board import Boards
from services.handoff.casework import CaseWork
from services.handoff.desk import Desk
from services.handoff.doorway import Doorway
from services.handoff.notebook import Notebook
from services.handoff.people import People
from services.handoff.routes import Room
from services.handoff.search import Search
from services.handoff.showing import Showing
from services.handoff.staff import Staff
from services.handoff.store import CaseStore
from services.handoff.texts import Texts
from services.handoff.transfer import Transfer


def case_rooms(
    store: CaseStore, doorway: Doorway, staff: Staff, *, ring: KeyRing,
    content: MerchantContent, transcript: TranscriptClient, bus: Publisher, now: Now = utc_now,
) -> tuple[Room, ...]:  # fmt: skip
    """Everything that agents do with cases, and the door to it."""
    access, showing = Access(store, doorway), Showing(content, store.figures, staff.roster, now)
    notices = staff.notices
    texts = Texts(ring, transcript, store.notes)
    notebook = Notebook(access, texts, notices, now)
    return (
        doorway,
        Desk(access, showing, texts, content, staff, Boards(store, showing, notices), now),
        CaseWork(access, showing, texts, notebook, content, notices, staff, bus, now),
        Transfer(access, showing, texts, notebook, content, staff, now),
        notebook,
        Attachments(access, texts),
        Search(access, showing, texts),
        People(access, staff),
    )
