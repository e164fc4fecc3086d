"""Visitors' files at the door: taken while people have the conversation, handed out to their giver."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.attachment import MOST_BYTES, Attachment
from libs.contracts.sealed import Purpose
from libs.kit.errors import Refused
from libs.kit.files import to_be_saved
from libs.kit.http import bearer
from libs.kit.transcript import TranscriptClient
from libs.privacy.sealing import KeyGone, Place
from services.gateway.domain import Bucket, Session, attachment_id
from services.gateway.inspection import inspect, too_large

if TYPE_CHECKING:
    from services.gateway.door import Door

AT_ONCE = 10
EVERY_SECONDS = 6.0
"""So often a conversation may give files, with those that are refused: each costs work to look into."""

REMEMBERED = 10_000
"""Conversations whose rate is remembered."""


@dataclass(frozen=True)
class AttachmentRoutes:
    """HTTP to the door; one file at a time is looked into."""

    door: "Door"
    _rates: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _looking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        one = "/v1/conversations/{conversation_id}/attachments/{file_id:uuid}"
        return [Route(one, self.give, methods=["PUT"]), Route(one, self.hand_out)]

    async def give(self, request: Request) -> Response:
        """Takes a file under an id that the client chose; the same again is the same file."""
        session = await self._session(request)
        self._check_open(session)
        self._check_rate(session.conversation_id)
        content = await _limited(request)
        async with self._looking:
            inspected = await asyncio.to_thread(inspect, content)
        file_id = attachment_id(session.conversation_id, request.path_params["file_id"])
        size = len(inspected.content)
        file = Attachment(attachment_id=file_id, media_type=inspected.media_type, size=size)
        place = _place(session, file_id)
        try:
            sealed = await self.door.ring.seal_file(place, Purpose.CASE, inspected.content)
        except KeyGone:
            raise _erased() from None
        await self.door.transcript.give(place, file, sealed)
        return JSONResponse(file.model_dump(mode="json"), 201)

    async def hand_out(self, request: Request) -> Response:
        """The file, for the holder of the conversation's token: to be saved, never to be run."""
        session = await self._session(request)
        place = _place(session, request.path_params["file_id"])
        file, sealed = await self.door.transcript.file(place)
        try:
            content = await self.door.ring.open_file(place, Purpose.CASE, sealed)
        except KeyGone:
            raise _erased() from None
        return to_be_saved(file, content)

    async def _session(self, request: Request) -> Session:
        conversation_id = request.path_params["conversation_id"]
        origin = request.headers.get("origin")
        return await self.door.authenticate(conversation_id, bearer(request), origin)

    def _check_open(self, session: Session) -> None:
        if self.door.content.get(session.merchant_id).merchant.attachments == "off":
            raise Refused(403, "attachments_off", "This shop takes no files.", "say it in words.")
        if session.ownership.purpose is not Purpose.CASE:
            raise Refused(
                409, "attachments_for_people", "Files are for people, and none is here.",
                "ask for a person first.",
            )  # fmt: skip

    def _check_rate(self, conversation_id: str) -> None:
        now = time.monotonic()
        new = Bucket(1 / EVERY_SECONDS, AT_ONCE, now)
        bucket = self._rates.setdefault(conversation_id, new)
        if len(self._rates) > REMEMBERED:
            self._rates.popitem(last=False)
        if not bucket.take(now):
            raise Refused(
                429, "too_fast", "Too many files in a short time.", "wait a moment, send it again."
            )


async def given(
    transcript: TranscriptClient, session: Session, wanted: Collection[UUID]
) -> tuple[Attachment, ...]:
    """The files that a message names, in its order; raises Refused unless all of them are there."""
    if not wanted:
        return ()
    known = {one.attachment_id: one for one in await transcript.files(session.conversation_id)}
    if session.ownership.purpose is not Purpose.CASE or not known.keys() >= set(wanted):
        raise Refused(
            409, "unknown_attachment", "One of the files is not there.", "send the file first."
        )
    return tuple(known[one] for one in dict.fromkeys(wanted))


def _place(session: Session, file_id: UUID) -> Place:
    return Place(session.merchant_id, session.conversation_id, file_id, "attachment")


def _erased() -> Refused:
    return Refused(410, "erased", "This conversation was deleted.", "start a new one.")


async def _limited(request: Request) -> bytes:
    """The body, read no further than it may be long."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise too_large()
    return bytes(content)
