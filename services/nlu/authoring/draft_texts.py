"""The texts of a draft's topics: whose they are, how a form changes them, how a new one begins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from libs.kit.errors import Refused
from services.nlu.authoring.drafts import Draft
from services.nlu.content.editing import become
from services.nlu.content.packs import starter_sources, topic_path
from services.nlu.content.yamlfile import ContentError, YamlFile
from services.nlu.content.yamltext import document


def starter_text(key: str) -> str | None:
    """The starter topic's file, where there is one."""
    source = starter_sources().get(key)
    return source.file.text if source else None


def text_of(draft: Draft, key: str) -> str | None:
    """A topic's text: the merchant's own, or else the starter's; None for an unknown one."""
    return draft.files.get(topic_path(key)) or starter_text(key)


def formed(draft: Draft, key: str, values: Mapping[str, Any]) -> str:
    """The text of a topic with these values; raises Refused (404, 422) where only a person can."""
    try:
        return become(_known(draft, key), values)
    except ContentError as error:
        first = error.problems[0]
        raise Refused(422, "not_editable", first.cause, first.fix) from None


def begun(draft: Draft, key: str, like: str | None, languages: Sequence[str]) -> str:
    """The text of a new topic, blank or as another one is; raises Refused (404, 409)."""
    if text_of(draft, key) is not None:
        raise Refused(409, "topic_exists", "There is a topic of this name.", "choose another.")
    if like is None:
        return blank(key, languages)
    text = _known(draft, like)
    data = YamlFile(Path(topic_path(like)), text).data
    # No two topics share an example, so a copy begins without any.
    left = {name: value for name, value in data.items() if name != "tests"}
    return become(text, left | {"key": key, "examples": {language: [] for language in languages}})


def blank(key: str, languages: Sequence[str]) -> str:
    """A topic with nothing in it yet."""
    nothing = dict.fromkeys(languages, "")
    examples: dict[str, list[str]] = {language: [] for language in languages}
    return document(
        {"key": key, "title": nothing, "examples": examples, "answers": {"answer": nothing}}
    )


def _known(draft: Draft, key: str) -> str:
    text = text_of(draft, key)
    if text is None:
        raise Refused(404, "unknown_topic", "There is no such topic.", "choose another.")
    return text
