"""Product feeds as files: Google Merchant's RSS 2.0, Atom and CSV/TSV, plain or gzipped; row by row."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

MOST_UNPACKED = 256 * 1024 * 1024
"""A gzipped feed that grows beyond this is refused."""

COLUMNS = frozenset({
    "id", "title", "description", "link", "price", "sale_price", "sale_price_effective_date",
    "availability", "brand", "color", "size", "gtin", "mpn", "product_type", "item_group_id",
    "custom_label_0", "size_system",
})  # fmt: skip
"""What is read of a product; everything else is passed over."""

_ITEMS = frozenset({"item", "entry"})
_DELIMITERS = "\t,;|"
_OTHER_NAMES = {
    "colour": "color",
    "stock": "availability",
    "sku": "id",
    "url": "link",
    "name": "title",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Row = dict[str, str]


def rows(feed: bytes) -> Iterator[Row]:
    """Every product of a feed with its columns by Google's names; a ValueError where it is no feed."""
    with _opened(feed) as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(0)
        is_xml = start.startswith((b"<", *(mark + b"<" for mark in _UTF16), b"\xff\xfe<"))
        yield from _xml(file) if is_xml else _table(file, start)


def _opened(feed: bytes) -> IO[bytes]:
    if feed.startswith(b"\x1f\x8b"):
        return io.BytesIO(_unpacked(feed))
    return io.BytesIO(feed)


def _unpacked(feed: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(feed)) as packed:
            unpacked = packed.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("The feed is no gzip file.") from error
    if len(unpacked) > MOST_UNPACKED:
        raise ValueError("The feed is too large when it is unpacked.")
    return unpacked


def _xml(file: IO[bytes]) -> Iterator[Row]:
    """Items one at a time; each is forgotten before the next is read."""
    above: list[Element] = []
    for event, element in iterparse(file, events=("start", "end")):
        if event == "start":
            above.append(element)
            continue
        above.pop()
        if _local(element) in _ITEMS:
            yield _row(element)
            if above:
                above[-1].remove(element)


def _row(item: Element) -> Row:
    row: Row = {}
    for child in item:
        name = _local(child)
        text = child.text or (child.get("href") if name == "link" else None) or ""
        # Google's own element wins over the plain one of the same name.
        wanted = name in COLUMNS and (name not in row or "base.google.com" in child.tag)
        if wanted and text.strip():
            row[name] = " ".join(text.split())
    return row


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].casefold()


def _table(file: IO[bytes], start: bytes) -> Iterator[Row]:
    """Lines of a table, whatever its delimiter; the first line names the columns."""
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    head = text.readline()
    delimiter = max(_DELIMITERS, key=head.count)
    columns = [_column(name) for name in next(csv.reader([head], delimiter=delimiter), [])]
    if not {"title", "price"} <= {*columns}:
        raise ValueError("The feed has no columns `title` and `price`.")
    lines = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            values = next(lines)
        except StopIteration:
            return
        except csv.Error:
            yield {}
            continue
        if values:
            pairs = zip(columns, values, strict=False)
            yield {
                name: " ".join(value.split())
                for name, value in pairs
                if name in COLUMNS and value.strip()
            }


def _column(name: str) -> str:
    plain = re.sub(r"[ -]+", "_", name.strip().casefold().removeprefix("g:"))
    return _OTHER_NAMES.get(plain, plain)
