"""How answers are worded: which language, and the variables that are filled in."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from libs.contracts.content import ByLanguage, Language, Merchant
from libs.kit.calendars import say_hours, say_next_opening

_FORM = r"(?:=[0-9]+|one|other) \{[^{}]*\}"

PLACE = re.compile(rf"\{{([a-z_]+)(?:, plural,((?: {_FORM})+))?\}}")
"""A place in an answer that is filled in, plain or by number (ICU MessageFormat's `plural`):
`{return_days, plural, one {# day} other {# days}}`. Everything else in braces is plain text.
"""

BROKEN_PLURAL = re.compile(r"\{[a-z_]+ *, *plural\b")
"""What is left of a plural that `PLACE` does not understand."""

_FORMS = re.compile(r"(=[0-9]+|one|other) \{([^{}]*)\}")

MERCHANT_VARIABLES = (
    "merchant_name", "provider", "retention_days", "opening_hours", "next_opening",
)  # fmt: skip
"""Variables that every merchant has without saying so among its facts."""


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its variables filled in once; a value is never looked into for more of them."""
    return PLACE.sub(lambda found: _filled(found, variables), text)


def variables_in(text: str) -> tuple[str, ...]:
    """The variables that a text wants, in order, each once."""
    return tuple(dict.fromkeys(found[1] for found in PLACE.finditer(text)))


def number_forms(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that a text wants as numbers, and the forms that it has for each."""
    for found in PLACE.finditer(text):
        if found[2]:
            yield found[1], tuple(form[1] for form in _FORMS.finditer(found[2]))


def _filled(found: re.Match[str], variables: Mapping[str, str]) -> str:
    value = variables.get(found[1], "")
    if not found[2]:
        return value
    forms = {form[1]: form[2] for form in _FORMS.finditer(found[2])}
    # All five languages have these two forms, and "one" is the whole number 1 (CLDR plural rules).
    form = forms.get(f"={value}") or forms.get("one" if value == "1" else "other")
    return (form or forms.get("other", "")).replace("#", value)


def in_language(texts: ByLanguage, language: Language) -> str:
    """The text in `language`; any other one before none at all."""
    return texts.get(language) or next(iter(texts.values()), "")


def merchant_variables(merchant: Merchant, language: Language, now: datetime) -> dict[str, str]:
    """What a merchant's answers may be filled with at `now`; its own facts win over ours."""
    own = {name: in_language(texts, language) for name, texts in merchant.facts.items()}
    return {
        "merchant_name": merchant.name,
        "provider": merchant.provider,
        "retention_days": str(merchant.retention_days),
        "opening_hours": say_hours(
            merchant.hours, language, now.astimezone(ZoneInfo(merchant.time_zone)).date()
        ),
        "next_opening": say_next_opening(merchant, now, language),
    } | own
