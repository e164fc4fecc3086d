"""What names something else in a pack must name something that is there: topics, answers, systems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from libs.contracts.content import ByLanguage, Language, Merchant, Topic
from libs.kit.wording import variables_in
from services.nlu.content.yamlfile import Problem, Where, YamlFile
from services.nlu.dialogue.phrases import word_of
from services.nlu.dialogue.scene import means

KEY_OF_TOPIC = "write the key of a topic of this pack."


@dataclass(frozen=True)
class Source:
    """A topic, the file that it came from, and the languages that the file owes.

    `own` topics are the merchant's; the others came with the starter pack, and nobody can be asked
    to mend those.
    """

    file: YamlFile
    topic: Topic
    languages: tuple[Language, ...]
    own: bool = True


Sources = Mapping[str, Source]


def merchant_references(file: YamlFile, merchant: Merchant, sources: Sources) -> Iterator[Problem]:
    """What merchant.yaml names and nobody has."""
    for key in merchant.skills:
        if key not in sources:
            cause = f"there is no topic `{key}` whose cases this skill could take."
            yield file.problem(("skills", key), cause, KEY_OF_TOPIC)
    yield from _unfilled(file, ("welcome",), merchant.welcome)
    for name, texts in merchant.facts.items():
        yield from _unfilled(file, ("facts", name), texts)


def topic_references(source: Source, merchant: Merchant, sources: Sources) -> Iterator[Problem]:
    """What a topic names and nobody has."""
    file, topic = source.file, source.topic
    lender = sources.get(topic.like or "")
    if topic.like and (lender is None or lender is source):
        cause = f"there is no other topic `{topic.like}` to be like."
        yield file.problem(("like",), cause, KEY_OF_TOPIC)
    has = {*topic.answers, *(lender.topic.answers if lender else ())}
    for number, name in enumerate(topic.offer_on):
        if name not in has:
            cause = f"there is no answer `{name}` to offer a person after."
            fix = "write the name of one of this topic's answers."
            yield file.problem(("offer_on", number), cause, fix)
    for number, test in enumerate(topic.tests):
        if test.expect and test.expect not in sources:
            cause = f"there is no topic `{test.expect}`."
            yield file.problem(("tests", number, "expect"), cause, KEY_OF_TOPIC)
    yield from _webhook(source, merchant)
    if source.own:
        yield from _buttons(source, sources)


def _webhook(source: Source, merchant: Merchant) -> Iterator[Problem]:
    topic, where = source.topic, ("webhook",)
    if topic.webhook and topic.action != "webhook":
        cause = f"`webhook` is never asked: the topic's action is `{topic.action}`."
        yield source.file.problem(where, cause, "write `action: webhook`, or remove it.")
    elif topic.action == "webhook" and not merchant.webhook_url:
        cause = "the shop has no system to ask: merchant.yaml has no `webhook_url`."
        yield source.file.problem(where, cause, "add `webhook_url:` there.")


def _buttons(source: Source, sources: Sources) -> Iterator[Problem]:
    """A press says the button's text: the bot must know for certain what that means."""
    topics = [one.topic for one in sources.values()]
    for language, texts in source.topic.buttons.items():
        for number, text in enumerate(texts):
            if not word_of(text) and not any(means(topic, text) for topic in topics):
                cause = f"the button “{text}” is no topic's title or example."
                fix = "add its text to the examples of the topic that it means."
                yield source.file.problem(("buttons", language, number), cause, fix)


def _unfilled(file: YamlFile, where: Where, texts: ByLanguage) -> Iterator[Problem]:
    """Only answers are filled in: a visitor would see the braces."""
    for language, text in texts.items():
        for name in variables_in(text):
            cause = f"{{{name}}} is not filled in here, only in answers."
            yield file.problem((*where, language), cause, "write what it stands for.")
