"""Rows as files: CSV, or Parquet with the `parquet` extra. A file is whole from its first moment on."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from libs.kit.errors import ConfigurationError
from services.analytics.tidy import COLUMNS, Row

EPOCH = date(1970, 1, 1)


class Format(StrEnum):
    """What kind of a file."""

    CSV = "csv"
    PARQUET = "parquet"


def written(rows: Sequence[Row], kind: Format) -> bytes:
    """The bytes of a file; raises ConfigurationError where Parquet cannot be written."""
    return WRITERS[kind](rows)


def place(path: Path, content: bytes) -> None:
    """Puts a file in its place at once: nobody reads half of it, and a kill leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def require(kind: Format) -> None:
    """Raises ConfigurationError where files of this kind cannot be written."""
    WRITERS[kind]([])


def _csv(rows: Sequence[Row]) -> bytes:
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for row in rows:
        lines.writerow((*row[:-1], int(row.withheld)))
    return out.getvalue().encode()


def _parquet(rows: Sequence[Row]) -> bytes:
    try:
        from arro3.core import Array, DataType, Table
        from arro3.io import write_parquet
    except ImportError:
        raise ConfigurationError(
            "Parquet files need the extra `parquet`, which is not installed.",
            "install it (`uv sync --extra parquet`), or write CSV.",
        ) from None

    text, days = DataType.string(), [(row.day - EPOCH).days for row in rows]
    table = Table.from_pydict({
        "merchant": Array([row.merchant for row in rows], text),
        "day": Array(days, DataType.int32()).cast(DataType.date32()),
        "hour": Array([row.hour for row in rows], DataType.int8()),
        "dimension": Array([row.dimension for row in rows], text),
        "value": Array([row.value for row in rows], text),
        "n": Array([row.n for row in rows], DataType.int64()),
        "withheld": Array([row.withheld for row in rows], DataType.bool()),
    })  # fmt: skip
    out = io.BytesIO()
    write_parquet(table, out)
    return out.getvalue()


WRITERS: Mapping[Format, Callable[[Sequence[Row]], bytes]] = {
    Format.CSV: _csv, Format.PARQUET: _parquet,
}  # fmt: skip
