"""What the authoring page sends; nothing of it is ever quoted in an error."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.content import Language

KEY = re.compile("[a-z_]{2,40}")
"""How topics are named; whatever else stands in an address is no topic."""

Key = Annotated[str, Field(pattern=f"^{KEY.pattern}$")]
Note = Annotated[str, Field(max_length=300)]


class Body(BaseModel):
    """What the page sends; `mark` names the draft that the editor has before them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    mark: str


class TopicBody(Body):
    """A topic as text, or as the values of its form."""

    text: str | None = None
    data: dict[str, Any] | None = None


class NewTopicBody(Body):
    """A topic to begin, blank or as a copy."""

    key: Key
    like: Key | None = None


class FactsBody(Body):
    """The merchant's form."""

    values: dict[str, Any]


class NoteBody(Body):
    """Publishing, with the reason for it."""

    note: Note = ""


class RollBackBody(BaseModel):
    """Going back to a version, with the reason for it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    version: str
    note: Note = ""


class InspectBody(BaseModel):
    """A text to be understood in a conversation of this language."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: Annotated[str, Field(max_length=2000)]
    locale: Language
