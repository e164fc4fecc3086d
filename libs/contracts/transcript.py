"""A stored message as retention hands it to gateway and handoff: still sealed."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from libs.contracts.envelope import ConversationId, MerchantId
from libs.contracts.sealed import Sealed

Author = Literal["visitor", "bot", "agent"]


class StoredMessage(BaseModel):
    """One entry of a transcript; `kind` says whether `sealed` holds a MessageBody or an IntakeBody."""

    model_config = ConfigDict(frozen=True)

    message_id: UUID
    merchant_id: MerchantId
    conversation_id: ConversationId
    seq: int
    author: Author
    kind: Literal["message", "intake"] = "message"
    sealed: Sealed
    offer_topic: str | None = None
    sent_at: AwareDatetime
    expires_at: AwareDatetime


class TranscriptPage(BaseModel):
    """Entries after a sequence number, in order; `head` is the newest number there is, `objects` whether
    the visitor objects to improvement.
    """

    head: int
    objects: bool = False
    messages: tuple[StoredMessage, ...]
