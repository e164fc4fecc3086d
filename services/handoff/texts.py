"""What is written in a case, opened for who may read it: form, transcript, notes; and sealed anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import BaseModel

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import AgentBody, IntakeBody, MessageBody
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.transcript import StoredMessage
from libs.kit.errors import Unavailable
from libs.kit.transcript import TranscriptClient, open_entry
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place, WrongKey
from services.handoff.case import Case
from services.handoff.domain import assignment_id
from services.handoff.notes import Note, Notes, place_of
from services.handoff.refusals import by_the_rules
from services.handoff.rights import Agent

Entries = list[tuple[StoredMessage, MessageBody | IntakeBody]]


@dataclass(frozen=True)
class Texts:
    """The texts of cases; whoever calls has made sure that they may be read."""

    ring: KeyRing
    transcript: TranscriptClient
    notes: Notes

    async def form(self, case: Case) -> IntakeBody:
        """The form as the visitor sent it; raises Refused (410) after the erasure."""
        place = Place(case.merchant_id, case.conversation_id, case.request_id, "intake")
        with by_the_rules():
            return await self.ring.open(place, case.intake, IntakeBody)

    async def entries(self, case: Case, after: int = 0) -> Entries | None:
        """A page of the transcript after an entry; None while the transcript is away."""
        try:
            page = await self.transcript.page(case.conversation_id, after)
        except Unavailable:
            return None
        return [pair for entry in page.messages if (pair := await self._open(entry))]

    async def file(self, case: Case, attachment_id: UUID) -> tuple[Attachment, bytes]:
        """A file that the visitor gave; raises Refused (404) where there is none, 410 after the erasure."""
        place = Place(case.merchant_id, case.conversation_id, attachment_id, "attachment")
        file, sealed = await self.transcript.file(place)
        with by_the_rules():
            return file, await self.ring.open_file(place, Purpose.CASE, sealed)

    async def notes_on(self, case: Case) -> list[tuple[Note, MessageBody]]:
        """The notes on a case, oldest first; their speaker is who wrote them."""
        with by_the_rules():
            return [
                (note, await self.ring.open(note.place, note.sealed, MessageBody))
                for note in await self.notes.on(case.case_id)
            ]

    async def note(self, case: Case, agent: Agent, note_id: UUID, text: str, now: datetime) -> Note:
        """A note on a case, sealed: it lives as long as the case."""
        place = place_of(case.merchant_id, case.conversation_id, note_id)
        sealed = await self.seal(place, MessageBody(text=text, speaker=agent.name))
        return Note(
            note_id, case.case_id, case.merchant_id, case.conversation_id, agent.agent_id, sealed,
            at=now, expires_at=case.expires_at,
        )  # fmt: skip

    async def owner_name(self, case: Case, name: str) -> Sealed:
        """The name of who is to own the case next, sealed for the event that says so."""
        place = Place(case.merchant_id, case.conversation_id, assignment_id(case), "agent")
        return await self.seal(place, AgentBody(name=name))

    async def seal(self, place: Place, body: BaseModel) -> Sealed:
        """Seals for the case; raises Refused (410) after the erasure."""
        with by_the_rules():
            return await self.ring.seal(place, Purpose.CASE, body)

    async def _open(
        self, entry: StoredMessage
    ) -> tuple[StoredMessage, MessageBody | IntakeBody] | None:
        try:
            return entry, await open_entry(self.ring, entry)
        except KeyGone:
            return None
        except WrongKey:
            structlog.get_logger().error("An entry does not open.", event_id=str(entry.message_id))
            return None
