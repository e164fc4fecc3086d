"""The rules of the intake form: only declared fields, checked by kind. Pure, like domain.py."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from libs.contracts.content import IntakeField, Topic

MAX_SHORT = 200
MAX_LONG = 2000

EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}(\.[^\s@.]{1,63}){1,8}")
"""Shape only: whether an address exists is found out by writing to it."""

ORDER_NUMBER = re.compile(r"[0-9]{8}")


@dataclass(frozen=True)
class IntakeFact:
    """A declared field as an agent sees it; `problem` is a code, or None when all is well."""

    field: IntakeField
    value: str
    problem: str | None


def read(fields: Mapping[str, str], topic: Topic | None) -> tuple[IntakeFact, ...]:
    """The form by its declaration: every declared field in order, nothing that is not declared."""
    declared = topic.intake if topic else ()
    return tuple(_fact(field, fields.get(field.key, "")) for field in declared)


def problems(fields: Mapping[str, str], topic: Topic | None) -> dict[str, str]:
    """What is wrong with a form, by field: missing, invalid, too_long, unknown_field."""
    known = {fact.field.key: fact.problem for fact in read(fields, topic)}
    found = {key: problem for key, problem in known.items() if problem}
    return found | {key: "unknown_field" for key in fields if key not in known}


def _fact(field: IntakeField, raw: str) -> IntakeFact:
    limit = MAX_LONG if field.kind == "long_text" else MAX_SHORT
    value = raw.strip()
    return IntakeFact(field, value[:limit], _problem(field, value, limit))


def _problem(field: IntakeField, value: str, limit: int) -> str | None:
    if not value:
        return "missing" if field.required else None
    if len(value) > limit:
        return "too_long"
    return None if _KINDS[field.kind](value) else "invalid"


def _is_text(value: str) -> bool:
    return bool(value)


def _is_email(value: str) -> bool:
    return EMAIL.fullmatch(value) is not None


def _is_order_number(value: str) -> bool:
    return ORDER_NUMBER.fullmatch(value) is not None


_KINDS: dict[str, Callable[[str], bool]] = {
    "text": _is_text,
    "long_text": _is_text,
    "email": _is_email,
    "order_number": _is_order_number,
}
