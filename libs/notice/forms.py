"""The two forms of a notice: Markdown, and one page of HTML in which nothing runs and nothing is loaded."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path

from libs.contracts.content import Language
from libs.notice.document import Notice, Paragraph, Section

LINK = re.compile(r"https?://[^\s<>()\"]*[^\s<>()\".,:;]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

NAMES: Mapping[Language, str] = {
    "nb": "Norsk", "sv": "Svenska", "da": "Dansk", "fi": "Suomi", "en": "English",
}  # fmt: skip


def as_markdown(notice: Notice) -> str:
    """The notice to read, to send, to keep beside the contract."""
    parts = [f"# {notice.title}", notice.intro]
    for section in notice.sections:
        parts.append(f"## {section.heading}")
        parts += [_markdown(paragraph) for paragraph in section.paragraphs]
    return "\n\n".join((*parts, f"*{notice.updated}*")) + "\n"


def as_html(notice: Notice, others: Mapping[Language, str] | None = None) -> str:
    """The notice as a page; `others` are the addresses of the same page in other languages."""
    title = escape(notice.title)
    contents = "".join(
        f'<li><a href="#{section.key}">{escape(section.heading)}</a></li>'
        for section in notice.sections
    )
    return (
        f'<!doctype html>\n<html lang="{notice.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{style()}</style></head><body>\n"
        f"{_languages(notice, others or {})}<main><h1>{title}</h1>"
        f'<p class="intro">{_linked(notice.intro)}</p>'
        f'<nav class="contents" aria-label="{escape(notice.contents)}"><ol>{contents}</ol></nav>\n'
        f"{''.join(map(_section, notice.sections))}"
        f'<p class="updated">{escape(notice.updated)}</p></main></body></html>\n'
    )


@cache
def style() -> str:
    """The page's style sheet, which is in the page."""
    return Path(__file__).with_name("notice.css").read_text("utf-8").strip()


def page_policy() -> str:
    """What the page may do: show itself, with its own style sheet."""
    digest = b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _markdown(paragraph: Paragraph) -> str:
    lines = [_spoiled(line) for line in paragraph.lines]
    return "\n".join(f"- {line}" for line in lines) if paragraph.is_list else " ".join(lines)


def _spoiled(text: str) -> str:
    """What a shop calls itself is text, never markup: only addresses become links."""
    return "".join(
        f"<{part}>" if is_link else re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", part)
        for part, is_link in _parts(text)
    )


def _section(section: Section) -> str:
    body = "".join(map(_html, section.paragraphs))
    heading = escape(section.heading)
    return (
        f'<section aria-labelledby="{section.key}"><h2 id="{section.key}">{heading}</h2>{body}'
        "</section>\n"
    )


def _html(paragraph: Paragraph) -> str:
    if paragraph.is_list:
        return f"<ul>{''.join(f'<li>{_linked(line)}</li>' for line in paragraph.lines)}</ul>"
    return "".join(f"<p>{_linked(line)}</p>" for line in paragraph.lines)


def _linked(text: str) -> str:
    return "".join(
        f'<a href="{"" if "://" in part else "mailto:"}{escape(part)}" rel="noopener noreferrer">'
        f"{escape(part)}</a>" if is_link else escape(part)
        for part, is_link in _parts(text)
    )  # fmt: skip


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in LINK.finditer(text):
        yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    yield text[at:], False


def _languages(notice: Notice, others: Mapping[Language, str]) -> str:
    if not others:
        return ""
    current = {notice.language: ' aria-current="page"'}
    links = "".join(
        f'<li><a href="{escape(url)}" lang="{code}" hreflang="{code}"{current.get(code, "")}>'
        f"{NAMES[code]}</a></li>"
        for code, url in others.items()
    )
    return f'<nav class="languages" aria-label="{escape(notice.languages)}"><ul>{links}</ul></nav>'
