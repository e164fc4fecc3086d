"""What within v1 may change in an event: optional fields may be added, nothing else."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def breaking_changes(before: Json, after: Json) -> list[str]:
    """Why a reader or writer of `before` would fail on `after` (JSON Schemas of one topic)."""
    old, new = _models(before), _models(after)
    gone = [f"{name} is gone" for name in old if name not in new]
    return gone + [
        problem
        for name, model in old.items()
        if name in new
        for problem in _model_problems(name, model, new[name])
    ]


def _models(schema: Json) -> dict[str, Json]:
    models: dict[str, Json] = dict(schema.get("$defs", {}))
    if "properties" in schema:
        models[schema.get("title", "the event")] = schema
    return models


def _model_problems(name: str, before: Json, after: Json) -> Iterator[str]:
    if "properties" not in before:
        if _meaning(before) != _meaning(after):
            yield f"{name} changed its values"
        return
    yield from _field_problems(name, before, after)
    needed, needs = set(before.get("required", ())), set(after.get("required", ()))
    yield from (f"{name}.{field} became required" for field in sorted(needs - needed))
    kept = needed & set(after.get("properties", ()))
    yield from (f"{name}.{field} became optional" for field in sorted(kept - needs))
    if before.get("additionalProperties", True) and not after.get("additionalProperties", True):
        yield f"{name} refuses unknown fields now"


def _field_problems(name: str, before: Json, after: Json) -> Iterator[str]:
    now = after.get("properties", {})
    for field, rule in before["properties"].items():
        if field not in now:
            yield f"{name}.{field} is gone"
        elif _meaning(rule) != _meaning(now[field]):
            yield f"{name}.{field} changed its type or values"


def _meaning(rule: Any) -> Any:
    """A rule without its wording: titles and descriptions may change at any time."""
    if isinstance(rule, dict):
        wording = ("title", "description")
        return {key: _meaning(value) for key, value in rule.items() if key not in wording}
    if isinstance(rule, list):
        return [_meaning(value) for value in rule]
    return rule
