"""What the inbox shows of the samples: nothing that fewer than k conversations share. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from libs.contracts.content import PackPublished
from services.analytics.domain import OTHER
from services.analytics.inbox.clusters import Group, groups_of
from services.analytics.inbox.phrases import Phrase, common_words, pieces_of, says_something

Empty = Literal["off", "few", "filtered", "away"]
"""Why there is nothing: nothing is kept, too few share something, too few in this choice, all put away."""

NO_GUESS = frozenset({OTHER, "fallback", "other_question", "out_of_scope"})
"""What the bot takes a question for that it does not know."""

STEPS = (1, 2, 5, 10, 20, 50, 100)
PHRASES_SHOWN = 5


@dataclass(frozen=True)
class Cluster:
    """A group as people see it; `ids` never leave the server."""

    id: str
    ids: tuple[str, ...]
    shown: dict[str, Any]


def clusters_of(phrases: Sequence[Phrase], chosen: Sequence[Phrase], k: int) -> list[Cluster]:
    """The clusters among the `chosen` phrases, each of one language; the bot learns by language, too.

    Words are common if k conversations of all use them.
    """
    common = common_words(phrases, k)
    by_language: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in chosen:
        by_language[phrase.language].append(phrase)
    groups = [group for each in by_language.values() for group in groups_of(each, k)]
    groups.sort(key=lambda group: -group.conversations)
    return [_cluster(group, common, k) for group in groups]


def topics_of(pack: PackPublished) -> list[dict[str, Any]]:
    """The topics that a phrase can become an example of."""
    return [
        {"key": topic.key, "title": dict(topic.title)}
        for topic in pack.topics
        if topic.key not in NO_GUESS
    ]


def size_of(conversations: int, k: int) -> dict[str, int | None]:
    """The step that a number is on, not the number: who asks again sees no single one come."""
    bounds = [step * k for step in STEPS]
    least = max(bound for bound in bounds if bound <= conversations)
    above = [bound for bound in bounds if bound > conversations]
    return {"from": least, "to": above[0] - 1 if above else None}


def _cluster(group: Group, common: Collection[str], k: int) -> Cluster:
    ids = tuple(sorted(member.id for member in group.members))
    guesses = [one for one in _guesses(group, k) if one not in NO_GUESS]
    shown = {
        "size": size_of(group.conversations, k),
        "language": group.members[0].language,
        "guess": guesses[0] if guesses else None,
        "phrases": _phrases(group.members, common),
    }
    name = blake2b("|".join(ids).encode(), digest_size=16).hexdigest()
    return Cluster(name, ids, {"id": name, **shown})


def _guesses(group: Group, k: int) -> list[str]:
    """What the bot took it for in at least k conversations of a group, most of them first."""
    who: defaultdict[str, set[str]] = defaultdict(set)
    for member in group.members:
        who[member.guess].add(member.conversation)
    many = {value: len(all_of_them) for value, all_of_them in who.items()}
    return sorted((v for v in many if many[v] >= k), key=lambda value: (-many[value], value))


def _phrases(members: Iterable[Phrase], common: Collection[str]) -> list[list[dict[str, str]]]:
    """Some ways in which it was asked: those with the fewest gaps, each once."""
    all_of_them = {pieces_of(member.text, common) for member in members}
    told = [pieces for pieces in all_of_them if says_something("".join(one.text for one in pieces))]
    told.sort(key=lambda pieces: (sum(bool(piece.token) for piece in pieces), str(pieces)))
    return [
        [{"token": one.token} if one.token else {"text": one.text} for one in pieces]
        for pieces in told[:PHRASES_SHOWN]
    ]
