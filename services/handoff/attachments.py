"""The console's address for the files that visitors gave: one at a time, each look in the audit log."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from libs.kit.files import to_be_saved
from services.handoff.access import Access
from services.handoff.guard import path_uuid, require_reading
from services.handoff.refusals import refused
from services.handoff.texts import Texts


@dataclass(frozen=True)
class Attachments:
    """Files of a case, for whoever may read its transcript."""

    access: Access
    texts: Texts

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [Route("/api/cases/{case_id}/attachments/{attachment_id}", self.fetch)]

    async def fetch(self, request: Request) -> Response:
        """A file, to be saved; that it was asked for is noted every time, and before it is opened."""
        agent, case = await self.access.seen(request)
        require_reading(agent, case)
        attachment_id = path_uuid(request, "attachment_id")
        if attachment_id is None:
            raise refused("unknown_attachment")
        await self.access.doorway.did(agent, case, "file_fetched", ("attachments",))
        return to_be_saved(*await self.texts.file(case, attachment_id))
