"""Changes to a file's text: the lines that hold a changed value are rewritten, all others stay.

Comments, order, quotes and blank lines of the rest survive, as the text itself is spliced at the
places where the reader found the values; nothing is written anew from the data.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from services.nlu.content.splices import Splices
from services.nlu.content.yamlfile import ContentError, Problem, Where, YamlFile


class NotEditable(ContentError):
    """The file is written in a way (anchors, tags) that only a person should change."""


def become(text: str, wanted: Mapping[str, Any]) -> str:
    """The file with the values of `wanted`; raises NotEditable where that cannot be done safely."""
    before = YamlFile(Path("file"), text).data
    if before == wanted:
        return text
    root = YAML().compose(text)
    splices = Splices(text)
    splices.mapping(root, before, wanted)
    after = splices.applied()
    if _read_again(after) != wanted:
        fix = "edit its text: anchors, tags and the like are left to people."
        raise NotEditable([Problem("file", 1, 1, "this file cannot be edited by form.", fix)])
    return after


def set_value(text: str, where: Where, value: Any) -> str:
    """The file with one value set, whatever of the way to it was missing; None removes it."""
    data = YamlFile(Path("file"), text).data
    return become(text, _with(data, where, value))


def set_answer(text: str, name: str, language: str, answer: str) -> str:
    """A topic's answer in one language."""
    return set_value(text, ("answers", name, language), answer)


def add_example(text: str, language: str, example: str) -> str:
    """One more example of a topic, at the end; nothing if it is there already."""
    examples = _examples(text, language)
    known = {one.casefold() for one in examples}
    more = [] if example.casefold() in known else [example]
    return set_value(text, ("examples", language), [*examples, *more])


def remove_example(text: str, language: str, example: str) -> str:
    """A topic's examples without this one."""
    left = [one for one in _examples(text, language) if one != example]
    return set_value(text, ("examples", language), left)


def set_fact(text: str, name: str, value: Any) -> str:
    """A fact of merchant.yaml: a plain value, or a text per language."""
    return set_value(text, ("facts", name), value)


def _examples(text: str, language: str) -> list[str]:
    found = YamlFile(Path("file"), text).data.get("examples") or {}
    return list(found.get(language) or ())


def _with(data: Any, where: Where, value: Any) -> Any:
    if not where:
        return value
    step, *rest = where
    if isinstance(data, list) and isinstance(step, int):
        return [*data[:step], _with(data[step], tuple(rest), value), *data[step + 1 :]]
    known = dict(data) if isinstance(data, dict) else {}
    made = _with(known.get(step), tuple(rest), value)
    if made is None:
        return {key: one for key, one in known.items() if key != step}
    return known | {step: made}


def _read_again(text: str) -> Any:
    try:
        return YamlFile(Path("file"), text).data
    except ContentError:
        return None
