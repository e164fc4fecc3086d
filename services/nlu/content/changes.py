"""What differs between two versions of a merchant's content, value by value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from libs.contracts.content import PackPublished, Topic

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Change:
    """One value that came, went or differs; `topic` is None for what is the merchant's own."""

    topic: str | None
    where: str
    kind: Kind
    before: str | None = None
    after: str | None = None


def changes(before: PackPublished, after: PackPublished) -> list[Change]:
    """Every difference, the merchant's first, then topic by topic."""
    old, new = _topics(before), _topics(after)
    found = [*_differences(None, "", _plain(before.merchant), _plain(after.merchant))]
    for key in sorted({*old, *new}):
        if key not in new:
            found.append(Change(key, "", "removed", before=_title(old[key])))
        elif key not in old:
            found.append(Change(key, "", "added", after=_title(new[key])))
        else:
            found.extend(_differences(key, "", _plain(old[key]), _plain(new[key])))
    return found


def _topics(pack: PackPublished) -> dict[str, Topic]:
    return {topic.key: topic for topic in pack.topics}


def _title(topic: Topic) -> str:
    return next(iter(topic.title.values()), topic.key)


def _plain(model: Any) -> dict[str, Any]:
    plain: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return plain


def _differences(topic: str | None, where: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            inner = f"{where}.{key}" if where else str(key)
            yield from _differences(topic, inner, old.get(key), new.get(key))
    elif isinstance(old, list | None) and isinstance(new, list | None):
        yield from _items(topic, where, old or [], new or [])
    elif old is None and isinstance(new, Mapping):
        yield from _differences(topic, where, {}, new)
    elif new is None and isinstance(old, Mapping):
        yield from _differences(topic, where, old, {})
    else:
        kind: Kind = "added" if old is None else "removed" if new is None else "changed"
        yield Change(topic, where, kind, _said(old), _said(new))


def _items(
    topic: str | None, where: str, old: Sequence[Any], new: Sequence[Any]
) -> Iterator[Change]:
    """Items have no names, so one that differs has gone, and another has come; order says nothing."""
    if all(isinstance(one, Mapping) and "key" in one for one in (*old, *new)):
        named = ({one["key"]: one for one in items} for items in (old, new))
        yield from _differences(topic, where, *named)
        return
    for one in old:
        if one not in new:
            yield Change(topic, where, "removed", before=_said(one))
    for one in new:
        if one not in old:
            yield Change(topic, where, "added", after=_said(one))


def _said(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    return None if value is None else str(value)
