"""Every rule of a pack has a file that breaks it, and is told at its line with a fix."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from services.nlu.content.merchant_rules import pattern_problem
from services.nlu.content.packs import pack_of_texts
from services.nlu.content.yamlfile import ContentError, Problem
from tests.unit.nlu.small import MERCHANT, NOW, STARTER, everywhere, examples, small_starter

__all__ = ["small_starter"]

pytestmark = pytest.mark.usefixtures("small_starter")

FIELD = "  - {key: email, kind: text, label: {}, why: {nb: a, en: b}}"
HOOK = '"https://fjellbekk.example/prat/webhook"'

Change = Callable[[str], str]


def swap(old: str, new: str) -> Change:
    """Replaces the first occurrence, which must be there."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def without(start: str) -> Change:
    """Leaves out a line and what is indented below it."""
    return lambda text: re.sub(rf"(?m)^( *){re.escape(start)}.*\n(?:\1  .*\n)*", "", text, count=1)


def problems(change: Change | None = None, key: str = "returns", **more: str) -> list[Problem]:
    """What is wrong with the merchant whose own topic `key`, or merchant.yaml, is changed."""
    texts = {"merchant.yaml": MERCHANT} | {
        f"topics/{name}.yaml": text for name, text in more.items()
    }
    if change and key == "merchant":
        texts["merchant.yaml"] = change(MERCHANT)
    elif change:
        texts[f"topics/{key}.yaml"] = change(STARTER[key])
    try:
        pack_of_texts(texts, {}, NOW)
    except ContentError as error:
        return list(error.problems)
    return []


def test_the_small_pack_is_right() -> None:
    assert problems() == []
    assert problems(lambda text: text) == []


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (swap("key: returns", "key: refunds"), "key: refunds", "the file's name is not"),
        (swap('  nb: "Du', '  # nb: "Du'), "  answer:", "`answers.answer` has no text in nb"),
        (swap("You have {return_days} days", "{return_day} days"), "{return_day}", "is unknown for"),
        (swap('{nb: "E-mail"', '{nb: "{merchant_name}"'), "merchant_name", "is unknown"),
        (swap("  answer:", "  reply:"), "  reply:", "the answer `answer` is missing"),
        (swap("  en: [hello]\n", ""), "  nb: [hei]", "`buttons` has no text in en"),
        (swap(" other {# dager}", ""), "one {# dag}", "has no `other`"),
        (swap("plural, one {# dag}", "plural, few {# dag}"), "few {# dag}", "not written as it must"),
        (swap("\n    - retur\n", "\n    - ''\n"), "    - ''", "this example is empty"),
        (swap("\n    - retur\n", f"\n    - {'x' * 301}\n"), "xxx", "more than 300 characters"),
        (swap("\n    - retur\n", "\n    - RETURLAPP\n"), "- returlapp", "stands here twice"),
        (swap("\n    - retur\n", "\n    - hei\n"), "    - hei", "has this example too"),
        (without("- retur"), "  nb:", "4 examples in nb teach too little"),
        (swap("say: can i send back", "say: send it back"), "send it back, l", "is an example too"),
        (swap("language: en}", "language: en, expect: swap}"), "expect: swap", "no topic `swap`"),
        (swap('"[0-9]{8}"', '"[0-9"'), '"[0-9"', "not a regular expression"),
        (swap('"[0-9]{8}"', '"(a+)+"'), '"(a+)+"', "busy for ever"),
        (swap("intake:", "like: greetings\nintake:"), "like:", "no other topic `greetings`"),
        (swap("intake:", "like: returns\nintake:"), "like:", "no other topic `returns`"),
        (swap("intake:", "offer_on: [answer, sorry]\nintake:"), "offer_on:", "no answer `sorry`"),
        (swap("intake:", "action: webhook\nintake:"), "answers", "the answer `unknown` is missing"),
        (swap("intake:", "action: webhook\nintake:"), "# How", "`webhook` is missing"),
        (swap("intake:", "webhook: Look Up\nintake:"), "webhook:", "`webhook`"),
        (swap("intake:", "webhook: look.up\nintake:"), "webhook:", "the topic's action is `answer`"),
        (swap("  nb: [hei]", "  nb: [hei, pengene]"), "  nb: [hei", "“pengene” is no topic's"),
        (swap("intake:", "action: order_lookup\nintake:"), "answers", "the answer `sent` is missing"),
        (swap("intake:", "action: product_search\nintake:"), "answers", "`nothing` is missing"),
        (swap("tests:", f"{FIELD}\ntests:"), "- {key: email", "asked for twice"),
        (swap("tests:", f"{FIELD}\ntests:"), "- {key: email", "`intake.1.label` has no text in nb"),
    ],
)  # fmt: skip
def test_a_topic_that_breaks_a_rule(change: Change, at: str, says: str) -> None:
    text = change(STARTER["returns"])
    found = next(problem for problem in problems(change) if says in problem.cause)
    assert found.file == str(Path("topics/returns.yaml"))
    line = next(number for number, line in enumerate(text.splitlines(), 1) if at in line)
    # A mapping's place is its first key, a line below its name.
    assert abs(found.line - line) <= 2
    assert found.fix


FAR = """privacy:
  contact: post@shop.example
  country: "NO"
  agreement: "1"
  sub_processors:
  - {name: Farhost, country: US, does: {nb: e-post, en: e-mail}}"""


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (swap("id: fjellbekk", "id: Fjellbekk!"), "id:", "`id`"),
        (swap("id: fjellbekk", "id: fjellbekk-preview"), "id:", "belong to previews"),
        (swap("id: fjellbekk", f"id: {'a' * 33}"), "id:", "more than 32 characters"),
        (swap('colour: "#0f6e6e"', "colour: green"), "colour:", "`colour`"),
        (without("time_zone"), "# An invented", "`time_zone` is missing"),
        (swap("Europe/Oslo", "Europe/Asgard"), "time_zone", "no such time zone"),
        (swap("Europe/Oslo", "../etc/passwd"), "time_zone", "no such time zone"),
        (swap("languages: [nb, en]", "languages: []"), "languages", "speaks no language"),
        (swap("languages: [nb, en]", "languages: [no]"), "languages", "`languages.0`"),
        (swap("  en: Ask me.", "  sv: Fråga."), "welcome", "`welcome` has no text in en"),
        (swap("  en: https", "  sv: https"), "notice_url", "`notice_url` has no text in en"),
        (swap("https://fjellbekk.example}", "https://fjellbekk.example/shop}"), "  - ", "not the origin"),
        (swap("https://fjellbekk.example}", "fjellbekk.example}"), "  - ", "not the origin"),
        (swap(HOOK, "ftp://shop"), "webhook_url", "not a web address"),
        (swap(HOOK, '"https://u:p@shop/x"'), "webhook_url", "not a web address"),
        (swap('closes: "22:00"', 'closes: "06:00"'), "weekdays", "ends before it begins"),
        (swap("retention_days: 90", "retention_days: 91"), "retention_days", "`retention_days`"),
        (swap("retention_days: 90", FAR), "- {name", "outside of the EEA"),
        (swap("retention_days: 90", FAR.replace(", en: e-mail", "")), "does", "0.does` has no text in en"),
        (swap("retention_days: 90", FAR.replace("post@shop.example", "ring oss")), "contact", "contact"),
        (swap("return_days: 30", "return_days: {nb: tretti}"), "return_days", "no text in en"),
        (swap("return_days: 30", "Return-Days: 30\n  return_days: 1"), "Return-Days", "no answer can name"),
        (swap("return_days: 30", "days: 30"), "key: returns", "{return_days} is unknown"),
        (swap("  returns: returns", "  refunds: returns"), "  refunds:", "no topic `refunds`"),
        (swap("Ask me.", "Ask {merchant_name}."), "  en: Ask", "{merchant_name} is not filled in"),
        (swap("return_days: 30", 'return_days: "{days}"'), "return_days:", "{days} is not filled in"),
    ],
)  # fmt: skip
def test_a_merchant_that_breaks_a_rule(change: Change, at: str, says: str) -> None:
    found = next(problem for problem in problems(change, "merchant") if says in problem.cause)
    assert found.fix
    if found.file == "merchant.yaml":
        lines = enumerate(change(MERCHANT).splitlines(), 1)
        line = next(number for number, line in lines if at in line)
        assert abs(found.line - line) <= 1


def test_the_topics_that_every_pack_needs(small_starter: Path) -> None:
    (small_starter / "fallback.yaml").unlink()
    assert "no topic `fallback`" in problems()[0].cause
    found = problems(without("intake:"), "other_question")
    assert any("asks nothing before the queue" in problem.cause for problem in found)


def test_the_fallback_needs_its_offer() -> None:
    found = problems(without("offer:"), "fallback")
    assert [problem.cause for problem in found] == ["the answer `offer` is missing."]


def test_answers_can_be_borrowed() -> None:
    own = f"key: swaps\ntitle: {everywhere('Swap')}\nlike: returns\n{examples('greeting')}\n"
    own = re.sub(r"(?m)^    - (.*)$", r"    - \1 swap", own)
    assert problems(swaps=own) == []
    alone = own.replace("like: returns\n", "")
    assert "the answer `answer` is missing" in problems(swaps=alone)[0].cause


def test_a_webhooks_answers_may_name_what_only_the_shop_knows() -> None:
    answers = {"unknown": "No {thing}.", "away": "Later.", "no_fact": "What?", "valid": "{until}"}
    lines = "\n".join(f"  {name}: {everywhere(text)}" for name, text in answers.items())
    own = (
        f"key: warranty\ntitle: {everywhere('Warranty')}\naction: webhook\n{examples('greeting')}\n"
    )
    own = re.sub(r"(?m)^    - (.*)$", r"    - \1 warranty", own) + f"answers:\n{lines}\n"
    assert "`webhook` is missing" in problems(warranty=own)[0].cause
    asking = f"{own}webhook: warranty.lookup\n"
    assert problems(warranty=asking) == []
    (nobody,) = problems(without("webhook_url"), "merchant", warranty=asking)
    assert "no `webhook_url`" in nobody.cause
    assert (nobody.file, nobody.line) == ("topics/warranty.yaml", asking.count("\n"))


def test_a_dangling_name_is_told_at_its_line_and_column() -> None:
    (skill,) = problems(swap("  returns: returns", "  refunds: returns"), "merchant")
    lines = MERCHANT.splitlines()
    assert lines[skill.line - 1] == "  returns: returns"
    assert (skill.file, skill.column) == ("merchant.yaml", len("  returns: ") + 1)


def test_buttons_may_say_what_the_dialogue_itself_understands() -> None:
    assert problems(swap("  nb: [hei]", "  nb: [ja takk, retur, Send it back]")) == []


def test_a_starter_topics_button_is_not_the_merchants_to_mend() -> None:
    own = STARTER["greeting"].replace("- hei\n", "- god morgen\n")
    assert own != STARTER["greeting"]
    assert problems(greeting=own) == []


def test_answers_may_name_the_facts_of_the_topic_that_they_are_like() -> None:
    own = f"key: swaps\ntitle: {everywhere('Swap')}\nlike: returns\n{examples('greeting')}\n"
    own = re.sub(r"(?m)^    - (.*)$", r"    - \1 swap", own)
    own += f"answers:\n  answer: {everywhere('About {order_number}.')}\n"
    assert problems(swaps=own) == []


@pytest.mark.parametrize("pattern", ["", "[0-9]{8}", "(NO|SE)[0-9]{6,8}", "[A-Z]+-[0-9]+"])
def test_patterns_that_are_quick(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|a)*", "((a+))+b", "(?:x*y){3}", ".*.*.*", "[0-9]{2,}a+b*", "a" * 201]
)
def test_patterns_that_a_hostile_text_could_keep_busy(pattern: str) -> None:
    assert pattern_problem(pattern) is not None
