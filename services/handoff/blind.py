"""What visitors are found again by: keyed marks of e-mail addresses and order numbers. Pure.

A mark is an HMAC-SHA-256 under a key of its own (`index.key`), so that whoever has the store alone can
neither read it nor try out what it may stand for.
"""

import hmac
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from libs.contracts.bodies import IntakeBody, MentionedBody
from libs.contracts.content import Topic

KEY_FILE = "index.key"
"""The secret file with the key; it opens nothing else."""

KINDS = ("email", "order_number")
"""The kinds of facts that are marked; everything else finds nobody."""


@dataclass(frozen=True, repr=False)
class Blind:
    """Makes marks."""

    key: bytes

    def mark(self, merchant_id: str, kind: str, value: str) -> str:
        """The mark of a value at a shop: the same however it is written, another one elsewhere."""
        said = "\x1f".join((merchant_id, kind, normalised(value)))
        return hmac.new(self.key, said.encode(), sha256).hexdigest()

    def marks(self, merchant_id: str, form: IntakeBody, topic: Topic | None) -> tuple[str, ...]:
        """The marks of a form: of what was filled in, by the kinds that its fields were declared as, of
        the address that the shop signed, and of the order that its page showed.
        """
        return self._all(merchant_id, _given(form, topic))

    def mentioned(self, merchant_id: str, body: MentionedBody) -> tuple[str, ...]:
        """The marks of what a message to the bot mentioned."""
        orders = (("order_number", number) for number in body.order_numbers)
        return self._all(merchant_id, (*(("email", one) for one in body.emails), *orders))

    def _all(self, merchant_id: str, facts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        found = {
            self.mark(merchant_id, kind, value)
            for kind, value in facts
            if kind in KINDS and normalised(value)
        }
        return tuple(sorted(found))


def _given(form: IntakeBody, topic: Topic | None) -> Iterator[tuple[str, str]]:
    kinds = {field.key: field.kind for field in topic.intake} if topic else {}
    yield from ((kinds[key], value) for key, value in form.fields.items() if key in kinds)
    if form.customer and form.customer.email:
        yield "email", form.customer.email
    if form.context and form.context.order:
        yield "order_number", form.context.order


def normalised(value: str) -> str:
    """One way to write an address or a number: no spaces, no capitals, one form of each letter."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())
