"""Retention's internal addresses for visitors' files: taken in and handed out, sealed as they come."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.attachment import MOST_BYTES, Attachment
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.http import require_internal
from libs.privacy.sealing import Place
from services.retention.attachments import AttachmentStore

SEALING_BYTES = 28
"""What sealing adds to a file: the nonce and the tag."""


@dataclass(frozen=True)
class Filing:
    """Files over HTTP; every route needs the internal token."""

    files: AttachmentStore
    content: MerchantContent
    token: str
    now: Now

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        all_files = "/internal/conversations/{conversation_id}/attachments"
        one = f"{all_files}/{{attachment_id:uuid}}"
        return [
            Route(all_files, self.of),
            Route(one, self.add, methods=["PUT"]),
            Route(one, self.find),
        ]

    async def add(self, request: Request) -> Response:
        """Keeps a sealed file until the shop's cap for cases."""
        require_internal(request, self.token)
        place, sealed = _place(request), await request.body()
        file = _described(request, len(sealed))
        days = self.content.get(place.merchant_id).merchant.case_cap_days
        await self.files.add(place, file, sealed, self.now() + timedelta(days=days))
        return JSONResponse(file.model_dump(mode="json"), 201)

    async def find(self, request: Request) -> Response:
        """A sealed file, and what it is in the header `x-attachment`."""
        require_internal(request, self.token)
        found = await self.files.find(_place(request))
        if found is None:
            raise Refused(404, "unknown_attachment", "There is no such file.", "check the id.")
        file, sealed = found
        return Response(sealed, headers={"x-attachment": file.model_dump_json()})

    async def of(self, request: Request) -> Response:
        """What files a conversation has."""
        require_internal(request, self.token)
        files = await self.files.of(request.path_params["conversation_id"])
        return JSONResponse([file.model_dump(mode="json") for file in files])


def _place(request: Request) -> Place:
    path, merchant_id = request.path_params, request.query_params.get("merchant_id", "")
    return Place(merchant_id, path["conversation_id"], path["attachment_id"], "attachment")


def _described(request: Request, sealed_size: int) -> Attachment:
    told = {name: request.query_params.get(name) for name in ("media_type", "size")}
    try:
        file = Attachment.model_validate(
            {"attachment_id": request.path_params["attachment_id"], **told}
        )
    except ValidationError:
        raise Refused(
            422, "invalid_attachment", "The file's type or size is not one that is kept.",
            f"send media_type, and size up to {MOST_BYTES}.",
        ) from None  # fmt: skip
    if sealed_size != file.size + SEALING_BYTES:
        raise Refused(422, "invalid_attachment", "The file is not whole.", "send it again.")
    return file
