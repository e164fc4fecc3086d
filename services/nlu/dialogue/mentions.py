"""What a message holds by which its conversation is found again, when somebody asks for it. Pure."""

from libs.contracts.bodies import MentionedBody
from services.nlu.dialogue.state import Understanding

MOST = 20
"""Nobody has more addresses or orders; whoever pastes a list of them does not fill the index."""


def mentioned(heard: Understanding, order: str | None) -> MentionedBody | None:
    """The e-mail addresses and order numbers of a message, and the order that the shop's page showed."""
    emails = _of(heard, "email")
    orders = dict.fromkeys(one for one in (order, *_of(heard, "order_number")) if one)
    if not emails and not orders:
        return None
    return MentionedBody(emails=tuple(emails)[:MOST], order_numbers=tuple(orders)[:MOST])


def _of(heard: Understanding, kind: str) -> dict[str, None]:
    return dict.fromkeys(one.value for one in heard.entities.found if one.type == kind)
