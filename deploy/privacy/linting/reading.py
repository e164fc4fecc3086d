"""A notice as sentences with the lines they stand on: Markdown, plain text or HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅÄÖ\"«»”“*\[(<])")
"""Where a sentence ends: `org.nr. 310` is in the middle of one."""

_BEGINS = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s|\s*#")
_MARKS = re.compile(r"\\([\\`*_\[\]<>#|])")

BLOCKS = frozenset({
    "p", "li", "ul", "ol", "div", "section", "article", "td", "th", "tr", "table", "br", "dt", "dd",
    "h1", "h2", "h3", "h4", "h5", "h6", "nav", "main", "header", "footer", "title", "body",
})  # fmt: skip
SILENT = frozenset({"script", "style", "template", "nav"})


@dataclass(frozen=True)
class Sentence:
    """One sentence, and the line that it begins on."""

    line: int
    text: str


def sentences(text: str) -> list[Sentence]:
    """The sentences of a notice, in order."""
    is_page = re.match(r"\s*<(?:!doctype|html|\w+[ >])", text, re.IGNORECASE)
    blocks = _page_blocks(text) if is_page else _text_blocks(text)
    return [sentence for block in blocks for sentence in _split(block)]


Block = list[tuple[int, str]]
"""A paragraph: its lines with their numbers."""


def _text_blocks(text: str) -> Iterator[Block]:
    block: Block = []
    for number, line in enumerate(text.splitlines(), start=1):
        if block and (not line.strip() or _BEGINS.match(line) or block[-1][1].startswith("#")):
            yield block
            block = []
        if line.strip():
            block.append((number, _MARKS.sub(r"\1", line).strip()))
    if block:
        yield block


def _split(block: Block) -> Iterator[Sentence]:
    whole = " ".join(text for _, text in block)
    at = 0
    for part in END.split(whole):
        begins = whole.index(part, at)
        yield Sentence(_line_at(block, begins), part)
        at = begins + len(part)


def _line_at(block: Block, offset: int) -> int:
    for number, text in block:
        if offset <= len(text):
            return number
        offset -= len(text) + 1
    return block[-1][0]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = [[]]
        self._silent = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self._pause(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0
        self._pause(tag)

    def handle_data(self, data: str) -> None:
        line = self.getpos()[0]
        for number, text in enumerate(data.split("\n"), start=line):
            if text.strip() and not self._silent:
                self.blocks[-1].append((number, " ".join(text.split())))

    def _pause(self, tag: str) -> None:
        if tag in BLOCKS and self.blocks[-1]:
            self.blocks.append([])


def _page_blocks(text: str) -> list[Block]:
    page = _Page()
    page.feed(text)
    page.close()
    return [block for block in page.blocks if block]
