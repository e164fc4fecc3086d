"""The way to the transcript for other services: retention's internal HTTP interface."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import httpx

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.sealed import Sealed
from libs.contracts.transcript import StoredMessage, TranscriptPage
from libs.kit.internal import InternalClient
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place

Stretch = tuple[datetime, datetime | None]
"""From when until when people owned a conversation; None: they still do."""


class TranscriptClient(InternalClient):
    """Calls retention; every method raises Unavailable while it is away."""

    def __init__(self, base_url: str, token: str) -> None:
        super().__init__("retention", base_url, token)

    async def page(self, conversation_id: str, after: int = 0) -> TranscriptPage:
        """The entries after a sequence number (sealed)."""
        answer = await self.call(
            "GET", f"/internal/conversations/{conversation_id}/messages", params={"after": after}
        )
        return TranscriptPage.model_validate_json(answer.content)

    async def export(
        self,
        merchant_id: str,
        conversation_id: str,
        form: str,
        locale: str,
        people: Iterable[Stretch] = (),
    ) -> httpx.Response:
        """The conversation as a file that is still being written: whoever takes it closes it.

        `form` is json or html, labels in `locale`; what the bot said while `people` owned the
        conversation was not shown, and is marked so.
        """
        intervals = [_interval(stretch) for stretch in people]
        return await self.open(
            "GET", f"/internal/conversations/{conversation_id}/export",
            params={"format": form, "locale": locale, "merchant_id": merchant_id,
                    "people": intervals},
        )  # fmt: skip

    async def erase(
        self,
        merchant_id: str,
        conversation_id: str,
        requested_by: str,
        erasure_id: UUID | None = None,
    ) -> UUID:
        """Starts the erasure of a conversation, or finds the one that runs already; its id.

        A caller that wants to find it again brings its id, which nobody may be able to guess.
        """
        answer = await self.call(
            "POST", "/internal/erasures",
            json={"merchant_id": merchant_id, "conversation_id": conversation_id,
                  "requested_by": requested_by,
                  "erasure_id": str(erasure_id) if erasure_id else None},
        )  # fmt: skip
        return UUID(answer.json()["erasure_id"])

    async def set_objection(self, merchant_id: str, conversation_id: str, *, objects: bool) -> None:
        """Keeps whether the visitor objects to improvement by the questions of the conversation."""
        await self.call(
            "PUT", f"/internal/conversations/{conversation_id}/objection",
            json={"merchant_id": merchant_id, "objects": objects},
        )  # fmt: skip

    async def objects(self, conversation_id: str) -> bool:
        """Whether the visitor objects to improvement now; Refused (410) where nothing is kept."""
        answer = await self.call("GET", f"/internal/conversations/{conversation_id}/objection")
        return bool(answer.json()["objects"])

    async def correct(self, place: Place, sealed: Sealed) -> None:
        """Puts corrected facts in the place of what was filled in before the queue."""
        await self.call(
            "PUT", f"/internal/conversations/{place.conversation_id}/intakes/{place.event_id}",
            json={"merchant_id": place.merchant_id, "sealed": sealed.model_dump(mode="json")},
        )  # fmt: skip

    async def give(self, place: Place, file: Attachment, sealed: bytes) -> None:
        """Keeps a visitor's file, once however often it is sent; Refused for one too many."""
        params = {"merchant_id": place.merchant_id} | file.model_dump(
            mode="json", include={"media_type", "size"}
        )
        await self.call("PUT", _file_path(place), params=params, content=sealed)

    async def file(self, place: Place) -> tuple[Attachment, bytes]:
        """A file and its sealed bytes; Refused (404) where there is none at this place."""
        answer = await self.call(
            "GET", _file_path(place), params={"merchant_id": place.merchant_id}
        )
        return Attachment.model_validate_json(answer.headers["x-attachment"]), answer.content

    async def files(self, conversation_id: str) -> list[Attachment]:
        """What files a conversation has."""
        answer = await self.call("GET", f"/internal/conversations/{conversation_id}/attachments")
        return [Attachment.model_validate(one) for one in answer.json()]

    async def erasure(self, erasure_id: UUID) -> dict[str, object]:
        """How far an erasure has come."""
        answer = await self.call("GET", f"/internal/erasures/{erasure_id}")
        status: dict[str, object] = answer.json()
        return status

    async def overview(self, merchant_id: str) -> dict[str, object]:
        """A shop's erasures, and how old what is kept of it is."""
        answer = await self.call("GET", "/internal/overview", params={"merchant_id": merchant_id})
        found: dict[str, object] = answer.json()
        return found

    async def receipt(self, erasure_id: UUID) -> bytes:
        """The signed receipt of a finished erasure, as it was signed."""
        return (await self.call("GET", f"/internal/erasures/{erasure_id}/receipt")).content

    async def receipt_keys(self) -> bytes:
        """The public keys that receipts are checked with."""
        return (await self.call("GET", "/internal/receipt-keys")).content


def _file_path(place: Place) -> str:
    return f"/internal/conversations/{place.conversation_id}/attachments/{place.event_id}"


def stretch_of(interval: str) -> Stretch:
    """The stretch in `since/until` (ISO 8601); `..` stands for no end. ValueError if it is none."""
    since, slash, until = interval.partition("/")
    times = [datetime.fromisoformat(text) for text in (since, until) if text != ".."]
    if not slash or since == ".." or any(time.tzinfo is None for time in times):
        raise ValueError
    return times[0], times[1] if times[1:] else None


def _interval(stretch: Stretch) -> str:
    since, until = stretch
    return f"{since.isoformat()}/{until.isoformat() if until else '..'}"


async def open_entry(ring: KeyRing, entry: StoredMessage) -> MessageBody | IntakeBody:
    """Opens an entry with the reader's own keys; raises KeyGone or WrongKey."""
    field = "intake" if entry.kind == "intake" else "message"
    place = Place(entry.merchant_id, entry.conversation_id, entry.message_id, field)
    if entry.kind == "intake":
        return await ring.open(place, entry.sealed, IntakeBody)
    return await ring.open(place, entry.sealed, MessageBody)
