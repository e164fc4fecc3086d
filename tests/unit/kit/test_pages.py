"""The files of the pages for people: complete in five languages, without ways to run foreign markup."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from libs.contracts.bot import Outcome
from libs.kit.page_guard import SHARED
from libs.privacy.recognizers import KINDS
from services.analytics.domain import OTHER
from services.analytics.inbox.phrases import RARE
from services.analytics.inbox.routes import PAGE as INBOX
from services.analytics.inbox.views import Empty
from services.analytics.openapi import ROWS
from services.analytics.routes import PAGE as STATISTICS
from services.analytics.statistics import LENGTHS, STEPS
from services.handoff.case import CloseReason
from services.handoff.rights import Role
from services.handoff.rightsdesk.requests import Extension, Kind, Refusal, State
from services.handoff.routes import PAGE as CONSOLE
from services.nlu.authoring.routes import PAGE as AUTHORING
from services.nlu.authoring.routes import POLICY

LANGUAGES = ("nb", "sv", "da", "fi", "en")
REQUESTS = CONSOLE / "requests"
FOLDERS = (SHARED, AUTHORING, CONSOLE, REQUESTS, STATISTICS, INBOX)
RIGHTS_STEPS = (
    "received", "mailed", "identified", "ordered", "extended", "refused", "exported", "read",
    "corrected", "erased", "objected", "done", "closed",
)  # fmt: skip
SCRIPTS = [path for folder in FOLDERS for path in sorted(folder.rglob("*.js"))]
FORBIDDEN = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    'setAttribute("style"', "http://", "https://", "srcdoc", "DOMParser",
)  # fmt: skip
PLOTS = ("time", "topic_time", "heat")
TILES = (
    "chats", "messages", "contained", "fallback", "handed", "wait_half", "wait_most", "rating",
    "erasures", "oldest",
)  # fmt: skip
MENTIONS = tuple(kind.lower() for kind in KINDS)
TEXT = re.compile(r"^  (\w+): (.+),$")


@dataclass(frozen=True)
class Pages:
    """A page and the texts that it makes up from a kind and a name."""

    folder: Path
    made: frozenset[str]
    most: int
    foreign: frozenset[str] = frozenset()
    """Texts that a shared file asks for which the page does not load."""

    def source(self) -> str:
        return "\n".join(
            path.read_text("utf-8")
            for folder in (self.folder, SHARED)
            for path in folder.glob("*.js")
        )


def _made(**kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f"{kind}_{name}" for kind, names in kinds.items() for name in names)


PAGES = (
    Pages(
        AUTHORING,
        _made(
            kind=("text", "long_text", "email", "order_number"),
            answer=("answer", "closed", "first", "offer", "found", "nothing", "away", "unknown"),
        )
        | {"examples_hint", "buttons_hint", "added", "removed", "page_name", "log_in_lead"},
        200,
    ),
    Pages(
        CONSOLE,
        _made(
            reason=get_args(CloseReason),
            problem=("missing", "invalid", "too_long"),
            status=("queued", "filed", "assigned", "other", "closed"),
            news=("message", "given", "waiting", "filed"),
            now=("online", "away"),
            role=(*Role, *(f"{role}_may" for role in Role)),
            audit=(
                *("case_read", "case_found", "case_erased", "file_fetched", "password_changed"),
                *(f"account_{done}" for done in ("added", "granted", "disabled", "enabled")),
                *("second_factor_enrolled", "second_factor_removed"),
                *("merchant_exported", "merchant_erased"),
                *(f"rights_{done}" for done in RIGHTS_STEPS),
                *("field_intake", "field_messages", "field_notes", "field_attachments"),
            ),
        )
        | {
            "queue_empty",
            "mine_empty",
            "filed_empty",
            "visitor",
            "bot",
            "page_name",
            "log_in_lead",
        },
        240,
    ),
    Pages(
        STATISTICS,
        _made(
            period=("7", "28", "90", "month", "own"),
            live=("live", "joining", "lost", "paused"),
            head=("week", *({*ROWS.values()} - {"hour"})),
            title=(*(name for name in ROWS if name not in {"days", "hours"}), *PLOTS),
            word=(*Outcome, *LENGTHS, *STEPS, *MENTIONS, OTHER),
        )
        | {f"{tile}{ending}" for tile in TILES for ending in ("", "_note")}
        | {"page_name", "log_in_lead"}
        | {"log_out", "session_ended"},  # a key opens it, nobody logs in
        120,
    ),
    Pages(
        INBOX,
        _made(empty=get_args(Empty), token=(*KINDS, "UNKNOWN", RARE))
        | {"dismissed", "taught", "key_wrong", "key_may_not", "cluster_changed"}
        | {"log_out", "session_ended"},  # a key opens it, too
        40,
        frozenset({"page_name", "log_in_lead"}),
    ),
)
PART = Pages(
    REQUESTS,
    _made(
        kind=tuple(Kind), state=(*State, "mailed", "erasing"),
        by=("visitor", "agent", "merchant"),
        why=(*get_args(Refusal), *get_args(Extension)),
        step=(
            "received", "mailed", "identified_email", "identified_reference",
            "identified_order_number", "extended", "erasing", "exported", "corrected", "done",
            "refused", "closed",
        ),
    )
    | {"do_extend", "do_refuse", "by_reference", "by_order", "by_mail_title", "mail_is_off",
       "mail_not_sent", "mail_is_refused", "address_is_wrong", "facts_are_wrong", "reference_is_wrong",
       "too_many_look_ups", "request_moved", "requests"},
    80,
)  # fmt: skip
"""A part of the console with texts of its own; what its calls are refused with, the console says."""
each_page = pytest.mark.parametrize(
    "page", PAGES, ids=("authoring", "console", "statistics", "inbox")
)


def texts(folder: Path, language: str) -> dict[str, str]:
    """The texts of a language by name, as they are written; every line of the file must be one."""
    lines = (folder / "texts" / f"{language}.js").read_text("utf-8").splitlines()
    found = [match for line in lines if (match := TEXT.match(line))]
    assert len(found) == len(lines) - 3, "one text a line, a heading, and nothing else"
    return {match[1]: match[2] for match in found}


def shape(text: str) -> str:
    """What a text is: words, a function of values, or plural forms."""
    values = re.match(r"\(([\w, ]*)\) =>", text)
    return f"function of {values[1].count(',') + 1}" if values else text[0]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_script_reads_text_as_markup_or_reaches_out(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert [word for word in FORBIDDEN if word in text] == []


@each_page
def test_a_page_has_no_script_or_style_of_its_own(page: Pages) -> None:
    html = (page.folder / "index.html").read_text("utf-8")
    assert re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", html) is None
    for name in re.findall(r"(?:href|src)=\"([^\"]+)\"", html):
        assert name.startswith("plots/") or _found(page.folder, name), name


@pytest.mark.parametrize(
    "folder", FOLDERS, ids=("shared", "authoring", "console", "requests", "statistics", "inbox")
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language(folder: Path, language: str) -> None:
    english, other = texts(folder, "en"), texts(folder, language)
    assert list(other) == list(english)
    assert {key: shape(text) for key, text in other.items()} == {
        key: shape(text) for key, text in english.items()
    }
    assert [key for key, text in other.items() if text in ('""', "``")] == []


def test_there_are_five_languages_and_no_more() -> None:
    for folder in FOLDERS:
        assert {path.stem for path in (folder / "texts").glob("*.js")} == set(LANGUAGES)


@pytest.mark.parametrize(
    "page", [*PAGES, PART], ids=("authoring", "console", "statistics", "inbox", "requests")
)
def test_every_text_that_is_used_exists_and_the_other_way_round(page: Pages) -> None:
    source, known = page.source(), {**texts(SHARED, "en"), **texts(page.folder, "en")}
    if page is PART:
        known |= texts(CONSOLE, "en")
    assert len(texts(page.folder, "en")) > page.most - 20
    used = set(re.findall(r"\bt\(\"(\w+)\"", source)) | page.made
    assert used - known.keys() == page.foreign
    written = set(re.findall(r"\"(\w+)\"", source)) | page.made
    own = known if page is not PART else texts(PART.folder, "en")
    idle = {key for key in own.keys() - written if not key.startswith("fact_")}
    assert idle == set()


def test_what_belongs_to_all_pages_is_not_said_twice() -> None:
    for folder in FOLDERS[1:]:
        assert texts(folder, "en").keys() & texts(SHARED, "en").keys() == set()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_imported_file_exists(path: Path) -> None:
    for name in re.findall(r"from \"(\./[\w/.]+)\"", path.read_text("utf-8")):
        assert _found(path.parent, name), name


def test_the_only_policy_is_the_one_that_the_server_allows() -> None:
    source = PAGES[0].source()
    assert re.findall(r"createPolicy\((\w+)", source) == ["POLICY"]
    assert f'const POLICY = "{POLICY}"' in source


def _found(folder: Path, name: str) -> bool:
    """Whether a page finds a file by this name: its own, or one that all share."""
    shared = re.sub(r"^(\./)?shared/", "", name)
    return (folder / name if shared == name else SHARED / shared).is_file()
