"""A file that a visitor gave to people: what of it may stand on the bus."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MOST_BYTES = 5 * 1024 * 1024
"""The largest file."""

MOST_FILES = 5
"""So many files a conversation may have."""

MediaType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]
"""What a file may be, told by its content."""


class Attachment(BaseModel):
    """A file of a message: its id, type and size; never its name or its bytes."""

    model_config = ConfigDict(frozen=True)

    attachment_id: UUID
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]
