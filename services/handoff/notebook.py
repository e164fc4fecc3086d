"""The console's address for internal notes, and the note with which a case is handed on or closed."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.envelope import derived_id
from libs.kit.clock import Now, utc_now
from services.handoff import domain
from services.handoff.access import Access
from services.handoff.case import Case, Change, Status
from services.handoff.guard import read_body
from services.handoff.notes import Note, note_id
from services.handoff.notices import Notices
from services.handoff.refusals import by_the_rules
from services.handoff.rights import Agent
from services.handoff.texts import Texts


class NewNote(BaseModel):
    """A note; `client_id` is made once per note, so a second try is seen."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client_id: UUID
    text: str


class Parting(BaseModel):
    """What colleagues are told when a case leaves its agent."""

    model_config = ConfigDict(hide_input_in_errors=True)

    note: str | None = None


@dataclass(frozen=True)
class Notebook:
    """What colleagues tell each other of a case; the visitor never sees it."""

    access: Access
    texts: Texts
    notices: Notices
    now: Now = utc_now

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [Route("/api/cases/{case_id}/notes", self.add, methods=["POST"])]

    async def add(self, request: Request) -> Response:
        """Keeps a note with the case; the same `client_id` again is the same note."""
        agent, case = await self.access.to_work_on(request)
        said = await read_body(request, NewNote)
        with by_the_rules():
            text = checked(said.text)
        own_id = note_id(case, said.client_id)
        note = await self.texts.note(case, agent, own_id, text, self.now())
        noted = await self.access.change(case, _as_it_is, once=own_id, note=note)
        self.notices.case_changed(noted)
        return JSONResponse({"note_id": str(own_id)}, 202)

    async def parting(self, case: Case, agent: Agent, text: str | None) -> Note | None:
        """The note that goes with a change by the owner, if something is said; once per change."""
        if text is None or not text.strip() or case.status is not Status.ASSIGNED:
            return None
        with by_the_rules():
            kept = checked(text)
        own_id = derived_id(case.case_id, f"note:{case.version}")
        return await self.texts.note(case, agent, own_id, kept, self.now())


def checked(text: str) -> str:
    """A note as it is kept; refuses an empty and an oversize one."""
    return domain.check_text(text, domain.MAX_NOTE_BYTES, "note_too_long")


def _as_it_is(case: Case, _waiting: object) -> Change:
    return Change(case, ())
