"""What a pack must have beyond its form: every language, the answers that the dialogue says, variables."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from libs.contracts.content import ByLanguage, Language, Merchant, Topic
from services.nlu.dialogue import Status
from services.nlu.scene import FALLBACK, OTHER
from services.nlu.wording import MERCHANT_VARIABLES, VARIABLE
from services.nlu.yamlfile import Problem, Where, YamlFile

NEEDED_TOPICS = (FALLBACK, OTHER)
"""Without these the dialogue has nothing to say when it is lost."""

NEEDED_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "answer": ("answer",),
    "handoff": ("answer",),
    "product_search": ("found", "nothing", "away", "in_stock", "out_of_stock"),
    "order_lookup": (
        *get_args(Status), "expected", "late", "pickup", "unknown", "unknown_again", "no_number",
        "away", "card_title", "card_carrier", "card_tracking", "card_expected", "card_pickup",
    ),
}  # fmt: skip
"""The answers that the dialogue says for each kind of topic."""

OWN_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "order_lookup": (
        "order_number", "carrier", "tracking_number", "expected_on", "expected_day", "pickup_point",
    ),
}  # fmt: skip
"""Variables that only the answers of one kind of topic can use."""


def topic_problems(
    file: YamlFile, topic: Topic, merchant: Merchant, languages: Iterable[Language]
) -> Iterator[Problem]:
    """Everything that keeps `topic` from being published for `merchant`."""
    if topic.key != file.path.stem:
        fix = f"write `key: {file.path.stem}`, or name the file {topic.key}.yaml."
        yield file.problem(("key",), f"the key is {topic.key}, the file's name is not.", fix)
    yield from _missing_answers(file, topic)
    for where, texts in _texts(topic):
        yield from _missing_languages(file, where, texts, languages)
    yield from _few_examples(file, topic, languages)
    yield from _unknown_variables(file, topic, merchant)
    yield from _fact_problems(file, topic)


def merchant_problems(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    """Everything that keeps a merchant's own file from being published."""
    fixed: list[tuple[Where, ByLanguage]] = [
        (("notice_url",), merchant.notice_url), (("welcome",), merchant.welcome)
    ]  # fmt: skip
    facts: list[tuple[Where, ByLanguage]] = [
        (("facts", name), texts) for name, texts in merchant.facts.items()
    ]
    for where, texts in [*fixed, *facts]:
        yield from _missing_languages(file, where, texts, merchant.languages)


def missing_topics(file: YamlFile, topics: Iterable[Topic]) -> Iterator[Problem]:
    """Topics that every pack needs; said at the merchant's file, as that is what is published."""
    keys = {topic.key: topic for topic in topics}
    for key in NEEDED_TOPICS:
        if key not in keys:
            yield file.problem((), f"the pack has no topic `{key}`.", f"add topics/{key}.yaml.")
    if OTHER in keys and not keys[OTHER].intake:
        yield file.problem((), f"`{OTHER}` asks nothing before the queue.", "give it an `intake`.")


def _texts(topic: Topic) -> Iterator[tuple[Where, ByLanguage]]:
    yield ("title",), topic.title
    for name, texts in topic.answers.items():
        yield ("answers", name), texts
    if topic.needs:
        yield ("needs", "ask"), topic.needs.ask
        yield ("needs", "invalid"), topic.needs.invalid
    for number, field in enumerate(topic.intake):
        yield ("intake", number, "label"), field.label
        yield ("intake", number, "why"), field.why


def _missing_answers(file: YamlFile, topic: Topic) -> Iterator[Problem]:
    needed = NEEDED_ANSWERS[topic.action] + (("offer",) if topic.key == FALLBACK else ())
    for name in needed:
        if name not in topic.answers:
            cause = f"the answer `{name}` is missing."
            yield file.problem(("answers",), cause, f"add `{name}:` with a text per language.")


def _missing_languages(
    file: YamlFile, where: Where, texts: Mapping[Language, object], languages: Iterable[Language]
) -> Iterator[Problem]:
    for language in languages:
        if not texts.get(language):
            name = ".".join(str(part) for part in where)
            cause = f"`{name}` has no text in {language}."
            yield file.problem(where, cause, f"add `{language}:` here.")


def _few_examples(file: YamlFile, topic: Topic, languages: Iterable[Language]) -> Iterator[Problem]:
    yield from _missing_languages(file, ("examples",), topic.examples, languages)
    if topic.buttons:
        yield from _missing_languages(file, ("buttons",), topic.buttons, languages)


def _unknown_variables(file: YamlFile, topic: Topic, merchant: Merchant) -> Iterator[Problem]:
    known = {*MERCHANT_VARIABLES, *merchant.facts, *OWN_VARIABLES.get(topic.action, ())}
    for where, texts in _texts(topic):
        allowed = known if where[0] == "answers" else set[str]()
        for language, text in texts.items():
            for name in dict.fromkeys(VARIABLE.findall(text)):
                if name not in allowed:
                    yield _unknown_variable(file, (*where, language), name, merchant)


def _unknown_variable(file: YamlFile, where: Where, name: str, merchant: Merchant) -> Problem:
    cause = f"the variable {{{name}}} is unknown for merchant {merchant.id}."
    fix = f"add `{name}:` to the facts in its merchant.yaml, or correct the name."
    return file.problem(where, cause, fix)


def _fact_problems(file: YamlFile, topic: Topic) -> Iterator[Problem]:
    if topic.action == "order_lookup" and topic.needs is None:
        yield file.problem((), "`needs` is missing.", "say how order numbers look: `needs:`.")
    if topic.needs:
        try:
            re.compile(topic.needs.pattern)
        except re.error:
            cause = "this is not a regular expression."
            yield file.problem(("needs", "pattern"), cause, 'write for example "[0-9]{8}".')
