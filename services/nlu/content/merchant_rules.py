"""What merchant.yaml must have beyond its form: a zone that exists, exact addresses, usable facts."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from libs.contracts.content import Language, Merchant, Opening, SpecialDay
from libs.notice.authorities import EEA
from services.nlu.content.yamlfile import Problem, Where, YamlFile

PREVIEW = "-preview"
"""Ends the id of a merchant that exists only for its editors, to try a draft with."""

LONGEST_ID = 40 - len(PREVIEW)
"""Leaves room for the id of the preview."""

FACT_NAME = re.compile(r"[a-z_]{2,40}")

LONGEST_PATTERN = 200
MOST_OPEN_ENDS = 2
_OPEN_END = re.compile(r"(?<!\\)(?:[+*]|\{[0-9]*,\})")
_NESTED = re.compile(r"(?<!\\)[|+*}][^(]*\)[+*{]")


def merchant_problems(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    """Everything that keeps a merchant from being published."""
    yield from _identity(file, merchant)
    yield from _addresses(file, merchant)
    yield from _hours(file, merchant)
    for name in ("notice_url", "welcome"):
        texts = getattr(merchant, name)
        yield from missing_languages(file, (name,), texts, merchant.languages)
    for number, reply in enumerate(merchant.canned):
        place: Where = ("canned", number, "text")
        yield from missing_languages(file, place, reply.text, merchant.languages)
    yield from _privacy(file, merchant)
    for name, texts in merchant.facts.items():
        where: Where = ("facts", name)
        if not FACT_NAME.fullmatch(name):
            cause = f"no answer can name the fact `{name}`."
            yield file.problem(where, cause, "write a name of letters a-z and _ only.")
        yield from missing_languages(file, where, texts, merchant.languages)


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """Cause and fix if a pattern is broken, or could take for ever on a text made for that."""
    try:
        re.compile(pattern)
    except re.error:
        return "this is not a regular expression.", 'write for example "[0-9]{8}".'
    open_ends = len(_OPEN_END.findall(pattern))
    if len(pattern) > LONGEST_PATTERN or open_ends > MOST_OPEN_ENDS or _NESTED.search(pattern):
        fix = 'say how often each part comes: "[A-Z]{2}[0-9]{6,8}", without + or * in a repeated group.'
        return "a hostile text could keep this pattern busy for ever.", fix
    return None


def missing_languages(
    file: YamlFile, where: Where, texts: Mapping[Language, object], languages: tuple[Language, ...]
) -> Iterator[Problem]:
    """A problem for each language that a text ought to exist in and does not."""
    for language in languages:
        if not texts.get(language):
            name = ".".join(str(part) for part in where)
            cause = f"`{name}` has no text in {language}."
            yield file.problem(where, cause, f"add `{language}:` here.")


def _identity(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    if merchant.id.endswith(PREVIEW):
        cause = f"ids that end in `{PREVIEW}` belong to previews."
        yield file.problem(("id",), cause, "choose another id.")
    if len(merchant.id) > LONGEST_ID:
        cause = f"the id has more than {LONGEST_ID} characters."
        yield file.problem(("id",), cause, "choose a shorter one.")
    if not merchant.languages:
        cause = "the shop speaks no language."
        yield file.problem(("languages",), cause, "write its own language first: `[nb, en]`.")
    try:
        ZoneInfo(merchant.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        cause = "there is no such time zone."
        yield file.problem(("time_zone",), cause, "write for example `Europe/Oslo`.")


def _addresses(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    for number, origin in enumerate(merchant.origins):
        if not _is_origin(origin):
            cause = "this is not the origin of a page."
            fix = "write scheme and host only, without a path: `https://www.shop.example`."
            yield file.problem(("origins", number), cause, fix)
    for name in ("webhook_url", "case_webhook_url", "feed_url"):
        url = getattr(merchant, name)
        if url is not None and not _is_web_address(url):
            cause = f"`{name}` is not a web address."
            yield file.problem((name,), cause, "write it with `https://`, or leave the key out.")


def _privacy(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    below = merchant.privacy.sub_processors if merchant.privacy else ()
    for number, one in enumerate(below):
        place: Where = ("privacy", "sub_processors", number)
        yield from missing_languages(file, (*place, "does"), one.does, merchant.languages)
        if one.country not in EEA and one.safeguard is None:
            cause = f"{one.name} is outside of the EEA, and nothing protects the data there."
            fix = "write `safeguard: adequacy` or `safeguard: standard_clauses`, whichever is true."
            yield file.problem(place, cause, fix)


def _hours(file: YamlFile, merchant: Merchant) -> Iterator[Problem]:
    for name in ("openings", "special"):
        for number, opening in enumerate(getattr(merchant.hours, name)):
            if not _lasts(opening):
                cause = "this opening ends before it begins."
                fix = 'write the later time in `closes`; "00:00" there is midnight.'
                yield file.problem(("hours", name, number), cause, fix)


def _lasts(opening: Opening | SpecialDay) -> bool:
    return opening.closes == time(0) or opening.opens < opening.closes


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return _is_web_address(text) and text == f"{parts.scheme}://{parts.netloc}".lower()


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
