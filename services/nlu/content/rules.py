"""What a pack must have beyond its form: every language, the answers that are said, known variables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import get_args

from libs.contracts.content import ByLanguage, Fact, Language, Merchant
from libs.kit.wording import (
    BROKEN_PLURAL,
    MERCHANT_VARIABLES,
    PLACE,
    number_forms,
    variables_in,
)
from services.nlu.content.merchant_rules import (
    merchant_problems,
    missing_languages,
    pattern_problem,
)
from services.nlu.content.references import Source, merchant_references, topic_references
from services.nlu.content.yamlfile import Problem, Where, YamlFile
from services.nlu.dialogue.scene import FALLBACK, OTHER
from services.nlu.dialogue.state import Status

NEEDED_TOPICS = (FALLBACK, OTHER)
"""Without these the dialogue has nothing to say when it is lost."""

FEWEST_EXAMPLES = 5
"""Fewer examples of a topic in a language teach next to nothing."""

LONGEST_EXAMPLE = 300
"""Characters; nobody types more than that about one thing, and the model reads little more."""

ORDER_STATES = get_args(Status)
ORDER_ANSWERS = (
    *ORDER_STATES, "expected", "late", "pickup", "unknown", "unknown_again", "no_number", "away",
    "card_title", "card_carrier", "card_tracking", "card_expected", "card_pickup",
)  # fmt: skip

NEEDED_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "answer": ("answer",),
    "handoff": ("answer",),
    "product_search": ("found", "nothing", "away", "in_stock", "out_of_stock"),
    "order_lookup": ORDER_ANSWERS,
    "webhook": ("unknown", "away", "no_fact"),
}
"""The answers that the dialogue says for each kind of topic; a topic may borrow them by `like`."""

ORDER_VARIABLES = (
    "order_number", "carrier", "tracking_number", "expected_on", "expected_day", "pickup_point",
)  # fmt: skip
"""Variables that only the answers about an order can use."""


def pack_problems(
    merchant_file: YamlFile, merchant: Merchant, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Everything that keeps a merchant's pack from being published."""
    yield from merchant_problems(merchant_file, merchant)
    yield from merchant_references(merchant_file, merchant, sources)
    yield from _missing_topics(merchant_file, sources)
    for source in sources.values():
        yield from _TopicRules(source, merchant, sources).problems()
        yield from topic_references(source, merchant, sources)
    yield from _taught_twice(sources)


def _missing_topics(file: YamlFile, sources: Mapping[str, Source]) -> Iterator[Problem]:
    """Said at the merchant's file, as that is what is published."""
    for key in NEEDED_TOPICS:
        if key not in sources:
            yield file.problem((), f"the pack has no topic `{key}`.", f"add topics/{key}.yaml.")
    if OTHER in sources and not sources[OTHER].topic.intake:
        yield file.problem((), f"`{OTHER}` asks nothing before the queue.", "give it an `intake`.")


class _TopicRules:
    """The rules of one topic, seen beside the others of its pack."""

    def __init__(self, source: Source, merchant: Merchant, sources: Mapping[str, Source]) -> None:
        self._file, self._topic, self._languages = source.file, source.topic, source.languages
        self._merchant = merchant
        lender = sources.get(self._topic.like or "")
        self._lender = lender.topic if lender else None

    def problems(self) -> Iterator[Problem]:
        """Everything that keeps the topic from being published."""
        yield from self._name()
        yield from self._answers()
        for where, texts in self._texts():
            yield from missing_languages(self._file, where, texts, self._languages)
            for language, text in texts.items():
                yield from self._places((*where, language), text)
        yield from self._examples()
        yield from self._facts()
        yield from self._tests()

    def _name(self) -> Iterator[Problem]:
        key, name = self._topic.key, self._file.path.stem
        if key != name:
            fix = f"write `key: {name}`, or name the file {key}.yaml."
            yield self._file.problem(("key",), f"the key is {key}, the file's name is not.", fix)

    def _answers(self) -> Iterator[Problem]:
        lent = self._lender.answers if self._lender else {}
        has = {*self._topic.answers, *lent}
        needed = NEEDED_ANSWERS[self._topic.action]
        for name in (*needed, *(("offer",) if self._topic.key == FALLBACK else ())):
            if name not in has:
                cause = f"the answer `{name}` is missing."
                fix = f"add `{name}:` with a text per language."
                yield self._file.problem(("answers",), cause, fix)

    def _texts(self) -> Iterator[tuple[Where, ByLanguage]]:
        topic = self._topic
        yield ("title",), topic.title
        for name, texts in topic.answers.items():
            yield ("answers", name), texts
        for number, fact in enumerate(topic.needs):
            yield ("needs", number, "ask"), fact.ask
            yield ("needs", number, "invalid"), fact.invalid
        for number, field in enumerate(topic.intake):
            yield ("intake", number, "label"), field.label
            yield ("intake", number, "why"), field.why

    def _places(self, where: Where, text: str) -> Iterator[Problem]:
        known = self._known_variables() if where[0] == "answers" else set[str]()
        for name in variables_in(text):
            if name not in known:
                merchant = self._merchant.id
                cause = f"the variable {{{name}}} is unknown for merchant {merchant}."
                fix = f"add `{name}:` to the facts in its merchant.yaml, or correct the name."
                yield self._file.problem(where, cause, fix)
        fix = "write {name, plural, one {# day} other {# days}}."
        if BROKEN_PLURAL.search(PLACE.sub("", text)):
            yield self._file.problem(where, "a plural is not written as it must be.", fix)
        for name, forms in number_forms(text):
            if "other" not in forms:
                yield self._file.problem(where, f"the plural of `{name}` has no `other`.", fix)

    def _known_variables(self) -> set[str]:
        own = {fact.key for fact in self._needed()}
        about_order = ORDER_VARIABLES if self._topic.action == "order_lookup" else ()
        # What a webhook's answers are filled with, only the shop's own system knows.
        answered = self._answered() if self._topic.action == "webhook" else ()
        return {*MERCHANT_VARIABLES, *self._merchant.facts, *about_order, *own, *answered}

    def _needed(self) -> tuple[Fact, ...]:
        """The facts that the topic asks for, its own or those that it borrows."""
        return self._topic.needs or (self._lender.needs if self._lender else ())

    def _answered(self) -> set[str]:
        texts = (text for texts in self._topic.answers.values() for text in texts.values())
        return {name for text in texts for name in variables_in(text)}

    def _examples(self) -> Iterator[Problem]:
        if self._topic.buttons:
            where: Where = ("buttons",)
            yield from missing_languages(self._file, where, self._topic.buttons, self._languages)
        for language, texts in self._topic.examples.items():
            yield from self._example_texts(language, texts)
        if self._topic.key == OTHER:
            return
        for language in self._languages:
            count = len(self._topic.examples.get(language, ()))
            if count < FEWEST_EXAMPLES:
                cause = f"{count} examples in {language} teach too little."
                fix = f"write {FEWEST_EXAMPLES} or more, as people type; 30 are good."
                yield self._file.problem(("examples", language), cause, fix)

    def _example_texts(self, language: Language, texts: tuple[str, ...]) -> Iterator[Problem]:
        seen: set[str] = set()
        for number, text in enumerate(texts):
            where: Where = ("examples", language, number)
            if not text.strip():
                yield self._file.problem(where, "this example is empty.", "write it, or remove it.")
            if len(text) > LONGEST_EXAMPLE:
                cause = f"this example has more than {LONGEST_EXAMPLE} characters."
                yield self._file.problem(where, cause, "keep the sentence that says what is asked.")
            if text.casefold() in seen:
                yield self._file.problem(where, "this example stands here twice.", "remove one.")
            seen.add(text.casefold())

    def _facts(self) -> Iterator[Problem]:
        if self._topic.action == "order_lookup" and not self._needed():
            yield self._file.problem((), "`needs` is missing.", "say how order numbers look.")
        if self._topic.action == "webhook" and not self._topic.webhook:
            fix = "write the type of the event that your system is asked with: `warranty.lookup`."
            yield self._file.problem((), "`webhook` is missing.", fix)
        for name, keys in (
            ("needs", [fact.key for fact in self._topic.needs]),
            ("intake", [field.key for field in self._topic.intake]),
        ):
            yield from self._asked_twice(name, keys)
        for number, fact in enumerate(self._topic.needs):
            if found := pattern_problem(fact.pattern or ""):
                yield self._file.problem(("needs", number, "pattern"), *found)

    def _asked_twice(self, name: str, keys: list[str]) -> Iterator[Problem]:
        for number, key in enumerate(keys):
            if key in keys[:number]:
                cause = f"`{key}` is asked for twice."
                yield self._file.problem((name, number, "key"), cause, "remove one of the two.")

    def _tests(self) -> Iterator[Problem]:
        for number, test in enumerate(self._topic.tests):
            if test.say in self._topic.examples.get(test.language, ()):
                cause = "this test is an example too, so it tests nothing."
                yield self._file.problem(("tests", number), cause, "say it in other words.")


def _taught_twice(sources: Mapping[str, Source]) -> Iterator[Problem]:
    """The same example under two topics teaches the bot to doubt both."""
    seen: defaultdict[tuple[Language, str], str] = defaultdict(str)
    for key, source in sources.items():
        for language, texts in source.topic.examples.items():
            for number, text in enumerate(texts):
                first = seen.setdefault((language, text.casefold()), key)
                if first != key:
                    where: Where = ("examples", language, number)
                    cause = f"`{first}` has this example too."
                    yield source.file.problem(where, cause, "keep it in one of them.")
