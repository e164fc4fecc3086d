"""Retention's internal address for downloads: a conversation is opened and written page by page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from libs.contracts.bodies import IntakeBody
from libs.contracts.casefile import CaseFile, CaseRecord
from libs.contracts.sealed import Purpose
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused, Unavailable
from libs.kit.http import require_internal
from libs.kit.transcript import Stretch, open_entry, stretch_of
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place
from services.retention.attachments import AttachmentStore, Held
from services.retention.casefiles import CaseFiles
from services.retention.customers import Customers
from services.retention.export import Export, ExportFile, JsonFile, Opened
from services.retention.export_page import HtmlFile
from services.retention.proofs import export_signature
from services.retention.receipts import Signer
from services.retention.store import RetentionStore

PAGE = 500
"""Entries that are read at once."""


@dataclass(frozen=True)
class Downloads:
    """Conversations as files, for the house's own services; it needs the internal token."""

    store: RetentionStore
    customers: Customers
    files: AttachmentStore
    casefiles: CaseFiles
    signer: Signer
    content: MerchantContent
    ring: KeyRing
    token: str
    now: Now

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [Route("/internal/conversations/{conversation_id}/export", self.export)]

    async def export(self, request: Request) -> Response:
        """The whole conversation, opened: `?format=json` or `html`, `?locale=`, `?merchant_id=`, and
        `?people=since/until` for each stretch in which the bot's words were not shown.

        A conversation that is erased meanwhile breaks the answer off: what was sent is never whole.
        """
        require_internal(request, self.token)
        pages = self._pages(request.path_params["conversation_id"])
        try:
            export, first = await self._export(request), await anext(pages)
        except KeyGone:
            raise erased() from None
        file, files = self._file(export, request), self._files(export)
        return StreamingResponse(_written(file, first, pages, files), media_type=file.media_type)

    def _file(self, export: Export, request: Request) -> ExportFile:
        if request.query_params.get("format") == "html":
            return HtmlFile(export, request.query_params.get("locale", "en"))
        return JsonFile(export, partial(export_signature, self.signer))

    async def _export(self, request: Request) -> Export:
        conversation_id = request.path_params["conversation_id"]
        pack = self.content.get(request.query_params.get("merchant_id", ""))
        people = _stretches(request.query_params.getlist("people"))
        casefile = await self.casefiles.of(pack.merchant_id, conversation_id)
        return Export(
            pack, conversation_id, self.now(), people,
            await self.store.objected_at(conversation_id), casefile,
            await self._forms(pack.merchant_id, conversation_id, casefile or CaseFile()),
            await self.customers.of(pack.merchant_id, conversation_id),
            await self.files.held(conversation_id),
        )  # fmt: skip

    async def _forms(
        self, merchant_id: str, conversation_id: str, casefile: CaseFile
    ) -> dict[str, IntakeBody]:
        async def opened(case: CaseRecord) -> IntakeBody:
            place = Place(merchant_id, conversation_id, case.request_id, "intake")
            return await self.ring.open(place, case.intake, IntakeBody)

        return {str(case.case_id): await opened(case) for case in casefile.cases}

    async def _files(self, export: Export) -> AsyncIterator[tuple[Held, bytes]]:
        """The files that were there when it began, opened one by one. Raises KeyGone without one."""
        for held in export.files:
            place = Place(
                export.merchant.id, export.conversation_id, held.file.attachment_id, "attachment"
            )
            found = await self.files.find(place)
            if found is None:
                raise KeyGone
            yield held, await self.ring.open_file(place, Purpose.CASE, found[1])

    async def _pages(self, conversation_id: str) -> AsyncIterator[list[Opened]]:
        """The entries in order, a first page in any case. Raises KeyGone once it is erased."""
        is_empty = True
        async for entries in self.store.entries(conversation_id, PAGE):
            yield [(entry, await open_entry(self.ring, entry)) for entry in entries]
            is_empty = False
        if is_empty:
            yield []
        elif not await self.store.is_kept(conversation_id):
            raise KeyGone


def erased() -> Refused:
    """What is answered when a conversation is not there any more."""
    return Refused(410, "erased", "This conversation is deleted.", "")


async def _written(
    file: ExportFile, first: list[Opened], more: AsyncIterator[list[Opened]],
    files: AsyncIterator[tuple[Held, bytes]],
) -> AsyncIterator[bytes]:  # fmt: skip
    yield file.begin()
    yield file.messages(first)
    try:
        async for page in more:
            yield file.messages(page)
        async for held, content in files:
            for piece in file.file(held, content):
                yield piece
    except KeyGone:
        raise Unavailable("a conversation that was erased while it was downloaded") from None
    yield file.end()


def _stretches(intervals: list[str]) -> tuple[Stretch, ...]:
    try:
        return tuple(map(stretch_of, intervals))
    except ValueError:
        raise Refused(
            422, "invalid_interval", "?people= is not an interval.", "send since/until."
        ) from None
