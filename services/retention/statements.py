"""The daily statement: what was erased on a day, and that nothing lies past its end; signed, chained.

Pure. Format `prat-statement/1`: one JSON object, signed like a receipt. Each names the digest of the one
before it, so that none can be left out or put in afterwards. No conversation is in it, only numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.retention.receipts import (
    Altered,
    Count,
    NotAReceipt,
    Signature,
    canonical,
    check_signature,
    parsed,
    places,
)

FORMAT: Literal["prat-statement/1"] = "prat-statement/1"
"""Name and version of the statement; a change of meaning is a new version."""


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Stock(_Exact):
    """What a collection held when the statement was made: nothing may lie past its end for long."""

    documents: Count
    past_end: Count
    without_end: Count
    oldest: AwareDatetime | None = None


class Ended(_Exact):
    """What of a collection was to end by time on the day.

    What is gone has expired, but for what was erased on the day or got a later end: nobody counts
    what the store's sweep removes, so it is reckoned from what is still there. Each service counts
    in its own store, and nobody looks over its shoulder.
    """

    due: Count | None = Field(
        description="Counted the day before; null where no statement was made then."
    )
    left: Count = Field(
        description="Of what was to end on the day, still there; readable by nobody."
    )
    gone: Count | None = Field(description="`due` without `left`.")


class DayFacts(_Exact):
    """What a statement states of a day (in UTC) that is over."""

    format: Literal["prat-statement/1"] = FORMAT
    day: date
    made_at: AwareDatetime
    erasures: Count = Field(description="Finished on this day.")
    erased: dict[str, dict[str, Count]]
    unfinished: Count
    stock: dict[str, Stock]
    expired: dict[str, Ended] = Field(
        default={}, description="Empty in statements of before this was counted."
    )
    silent: tuple[str, ...] = Field(
        default=(), description="Services that had not told what ended in their own stores."
    )
    ahead: dict[str, Count] = Field(
        default={}, description="What is to end by time on the day after the one it is made on."
    )
    alarms: tuple[str, ...]
    previous: str | None = Field(
        description="SHA-256 of the statement before it; null for the first."
    )


class Statement(DayFacts):
    """Facts and their signature."""

    signature: Signature


def added_up(deleted: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The counts of many erasures together, by service and collection."""
    total: dict[str, dict[str, int]] = {}
    for erasure in deleted:
        for service, counts in erasure.items():
            sums = total.setdefault(service, {})
            for name, count in counts.items():
                sums[name] = sums.get(name, 0) + count
    return total


def ended(due: Mapping[str, int], left: Mapping[str, int]) -> dict[str, Ended]:
    """What has ended of what was due; what came after the count, and is left, does not make it less than
    nothing.
    """
    return {name: _ended(due.get(name), count) for name, count in left.items()}


def _ended(due: int | None, left: int) -> Ended:
    return Ended(due=due, left=left, gone=None if due is None else max(0, due - left))


def digest(statement: Mapping[str, Any]) -> str:
    """What the next statement names of this one."""
    return sha256(canonical(statement)).hexdigest()


def verify_statement(text: str | bytes, keys: Mapping[str, bytes]) -> Statement:
    """The statement, if one of `keys` signed exactly this; raises a ReceiptFault otherwise."""
    body = parsed(text)
    if body.get("format") != FORMAT:
        raise NotAReceipt(f"The file does not say that its format is {FORMAT}.")
    check_signature(body, keys)
    try:
        return Statement.model_validate(body)
    except ValidationError as error:
        raise NotAReceipt(f"These fields are not as {FORMAT} has them: {places(error)}.") from None


def verify_chain(texts: Sequence[str | bytes], keys: Mapping[str, bytes]) -> list[Statement]:
    """The statements in order; raises a ReceiptFault where one was changed, left out or put in."""
    found = [verify_statement(text, keys) for text in texts]
    for before, (text, after) in zip(texts, zip(texts[1:], found[1:], strict=True), strict=False):
        if parsed(text)["previous"] != digest(parsed(before)):
            raise Altered(f"The statement of {after.day} does not follow the one before it.")
    return found
