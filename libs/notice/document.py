"""The notice as headings and paragraphs: the texts of a language, filled in for one merchant."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from libs.contracts.content import Language, SubProcessor
from libs.kit.wording import fill, in_language
from libs.notice.facts import NoticeFacts

TEXTS = Path(__file__).with_name("texts")

Texts = Mapping[str, str | Mapping[str, str | list[str]]]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, or a list; `key` names it in every language."""

    key: str
    lines: tuple[str, ...]
    is_list: bool = False


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    key: str
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Notice:
    """A whole notice in one language."""

    language: Language
    title: str
    intro: str
    updated: str
    contents: str
    languages: str
    sections: tuple[Section, ...]

    def paragraph(self, key: str) -> Paragraph | None:
        """The paragraph of this key, if it is in the notice."""
        found = (one for section in self.sections for one in section.paragraphs if one.key == key)
        return next(found, None)


@cache
def texts(language: Language) -> Texts:
    """The texts of a language as they are written."""
    return tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))


def notice(facts: NoticeFacts) -> Notice:
    """The notice that is true of these facts."""
    written, variables = texts(facts.language), _variables(facts)
    plain = {key: fill(text, variables) for key, text in written.items() if isinstance(text, str)}
    return Notice(
        language=facts.language,
        sections=tuple(
            Section(
                key, str(section["heading"]), tuple(_paragraphs(key, section, facts, variables))
            )
            for key, section in written.items()
            if not isinstance(section, str) and key != "words"
        ),
        **plain,
    )


def word(language: Language, key: str) -> str:
    """A word that the notice is put together with."""
    words = texts(language)["words"]
    assert not isinstance(words, str)
    return str(words[key])


def _paragraphs(
    section: str,
    written: Mapping[str, str | list[str]],
    facts: NoticeFacts,
    variables: Mapping[str, str],
) -> Iterator[Paragraph]:
    left_out = facts.leaves_out()
    for name, text in written.items():
        key = f"{section}.{name}"
        if name == "heading" or key in left_out:
            continue
        if isinstance(text, str):
            yield Paragraph(key, (fill(text, variables),))
        else:
            yield Paragraph(key, tuple(fill(one, variables) for one in text), is_list=True)
        if key == "readers.below":
            lines = tuple(_line(one, facts) for one in facts.privacy.sub_processors)
            yield Paragraph("readers.list", lines, is_list=True)


def _line(one: SubProcessor, facts: NoticeFacts) -> str:
    outside = f", {word(facts.language, 'outside')}" if one in facts.abroad() else ""
    return f"{one.name} ({one.country}{outside}): {in_language(one.does, facts.language)}"


def _variables(facts: NoticeFacts) -> dict[str, str]:
    used = dict.fromkeys(one.safeguard for one in facts.abroad() if one.safeguard)
    named = [word(facts.language, safeguard) for safeguard in used]
    joining = word(facts.language, "joining")
    return facts.variables() | {"safeguards": joining.join(named)}
