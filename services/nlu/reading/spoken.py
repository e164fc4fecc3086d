"""What a conversation speaks, as far as it has shown. Pure."""

from dataclasses import dataclass

from libs.contracts.content import Language


@dataclass(frozen=True)
class Spoken:
    """A conversation's language, its page's, and the one that its last message leaned to.

    `leaning` is another language than the conversation's that a message seemed to be in, without
    being clear: the next one that seems so, too, changes the conversation's language.
    """

    language: Language
    page: Language | None = None
    leaning: Language | None = None
