"""Who a notice calls controller, and who processor: one company cannot be both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deploy.privacy.linting.reading import Sentence
from deploy.privacy.linting.words import Words

COMPANY = re.compile(
    r"(?:[A-ZÆØÅÄÖ][\w&.-]*\s+){1,4}(?:AS|ASA|ANS|AB|HB|A/S|ApS|Oyj|Oy|Ltd|Inc|GmbH)(?![\w/])"
)
"""A company by the end of its name."""

CLAUSE = re.compile(r"[,;]\s|\s(?:og|och|ja|and|men|mens|while|medan|kun taas)\s")


@dataclass(frozen=True)
class Role:
    """A company in a role, where the text gives it that."""

    company: str
    is_controller: bool
    line: int


def roles(sentences: Sequence[Sentence], words: Words, known: Sequence[str] = ()) -> Iterator[Role]:
    """Every role that the text gives to a company; `known` are names without such an end."""
    for sentence in sentences:
        for clause in _clauses(sentence.text, words):
            for what in ("controller", "processor"):
                if words.says(what, clause):
                    for company in companies(clause, words, known):
                        yield Role(company, what == "controller", sentence.line)


def contradiction(found: Sequence[Role], *, jointly: bool) -> Role | None:
    """The role that cannot be true beside an earlier one: both of one company, or two controllers."""
    for number, role in enumerate(found):
        for earlier in found[:number]:
            is_same = earlier.company == role.company
            is_both = earlier.is_controller is not role.is_controller
            if is_same and is_both:
                return role
            if not is_same and earlier.is_controller and role.is_controller and not jointly:
                return role
    return None


def companies(text: str, words: Words, known: Sequence[str]) -> list[str]:
    """The companies that a clause is about; not those on whose behalf something is done."""
    found = {hit[0]: hit for name in known for hit in re.finditer(re.escape(name), text)}
    found |= {hit[0]: hit for hit in COMPANY.finditer(text) if not _is_within(hit[0], found)}
    behalf = words.patterns["on_behalf"]
    return [
        " ".join(name.split())
        for name, hit in found.items()
        if not behalf.search(text[: hit.start()]) and not text[hit.end() :].startswith(":n")
    ]


def _is_within(name: str, known: dict[str, re.Match[str]]) -> bool:
    return any(name in other or other in name for other in known)


def _clauses(text: str, words: Words) -> list[str]:
    if words.says("controller", text) and words.says("processor", text):
        return CLAUSE.split(text)
    return [text]
