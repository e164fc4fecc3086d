"""The way to the cases of a conversation: handoff's internal HTTP interface."""

import structlog

from libs.contracts.casefile import CaseFile
from libs.kit.errors import Unavailable
from libs.kit.internal import InternalClient


class CaseFiles(InternalClient):
    """Calls handoff."""

    def __init__(self, base_url: str, token: str) -> None:
        super().__init__("handoff", base_url, token)

    async def of(self, merchant_id: str, conversation_id: str) -> CaseFile | None:
        """What handoff knows of a conversation; None while it is away."""
        path = f"/internal/conversations/{conversation_id}/casefile"
        try:
            answer = await self.call("GET", path, params={"merchant_id": merchant_id})
        except Unavailable:
            structlog.get_logger().warning("A download is made without its cases.")
            return None
        return CaseFile.model_validate_json(answer.content)
