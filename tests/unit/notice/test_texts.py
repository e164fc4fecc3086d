"""Five languages say the same: the same sections, paragraphs, lists and places to fill in."""

import re
from datetime import date

import pytest

from libs.contracts.content import LANGUAGES, Language
from libs.kit.wording import variables_in
from libs.notice.document import notice, texts
from libs.notice.facts import facts_of
from tests.unit.notice.shops import shop

FROM = date(2026, 3, 2)


def places(language: Language) -> dict[str, list[tuple[str, ...]]]:
    """The variables of each text of a language by its key, in whatever order a language needs."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for key, value in texts(language).items():
        for name, text in {"": value}.items() if isinstance(value, str) else value.items():
            lines = [text] if isinstance(text, str) else text
            assert isinstance(lines, list)
            found[f"{key}.{name}"] = [tuple(sorted(variables_in(str(line)))) for line in lines]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_places(language: Language) -> None:
    assert places(language) == places("nb")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", ["plain", "below", "abroad"])
def test_every_place_is_filled(language: Language, shape: str) -> None:
    made = notice(facts_of(shop(shape, attachments="people"), language, FROM, 400))
    lines = [line for s in made.sections for p in s.paragraphs for line in p.lines]
    for text in (made.title, made.intro, made.updated, *lines):
        assert not re.search(r"[{}]|  |\(\)|: \.|None", text), text
        assert text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: Language) -> None:
    """Plain words: half of the sentences have at most 16 words, and none more than 40."""
    made = notice(facts_of(shop(attachments="people"), language, FROM, 400))
    lines = [line for s in made.sections for p in s.paragraphs for line in p.lines]
    counts = sorted(
        len(sentence.split()) for line in lines for sentence in re.split(r"(?<=[.?:;])\s+", line)
    )
    assert counts[len(counts) // 2] <= 16
    assert counts[-1] <= 40
