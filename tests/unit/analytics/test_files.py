"""Files for warehouses: never more than the interface tells, whole at once, caught up, kept for a while."""

import csv
import io
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from arro3.io import read_parquet
from hypothesis import given
from hypothesis import strategies as st

from libs.kit.content import Packs
from libs.kit.errors import ConfigurationError
from services.analytics.app import daily_files
from services.analytics.calendar import Period, day
from services.analytics.daily import DailyFiles, rows_between
from services.analytics.domain import Table
from services.analytics.figures import Figures
from services.analytics.files import Format, place, written
from services.analytics.openapi import ROWS
from services.analytics.releasing import NOTHING, Counts, next_release
from services.analytics.settings import AnalyticsSettings
from services.analytics.statistics import statistics
from services.analytics.tidy import COLUMNS, COUNTED, Row, rows_of
from tests.builders import NOW, pack
from tests.unit.analytics.fakes import MemoryFigures, shown

PACK, K = pack(), pack().merchant.statistics_k
TODAY = NOW.date()
WORDS = {
    Table.CHATS: ("begun",), Table.HANDED: ("over",), Table.VOLUME: ("messages", "questions"),
    Table.TOPICS: ("track_parcel", "return_how", "other"), Table.HOURS: ("09", "10", "23"),
    Table.OUTCOMES: ("answered", "fallback"), Table.LANGUAGES: ("nb", "fi"),
    Table.LENGTHS: ("short", "unmaskable"), Table.MENTIONS: ("email",), Table.CASES: ("queued",),
    Table.WAITS: ("30", "longer"), Table.HANDLING: ("60",), Table.RATINGS: ("1", "5"),
    Table.ERASURES: ("asked",),
}  # fmt: skip

counts = st.fixed_dictionaries({
    table: st.fixed_dictionaries({}, optional=dict.fromkeys(words, st.integers(1, 3 * K)))
    for table, words in WORDS.items()
})  # fmt: skip


@given(counts)
def test_whatever_is_in_a_file_is_in_the_interfaces_answer(counted: Counts) -> None:
    release = next_release(counted, NOTHING, NOTHING, K, is_live=False)
    answer = statistics(PACK, Period(TODAY, TODAY), release, {TODAY.isoformat(): release})
    rows = rows_of(PACK, day(TODAY), release)
    for row in rows:
        assert row.n == (told(answer, row.dimension, row.value) or None), row
        assert row.withheld is (row.n is None)
        assert row.n is None or row.n >= K or row.dimension == "totals", row
    names = [(row.dimension, row.value) for row in rows]
    assert len({*names}) == len(names)


def told(answer: Mapping[str, Any], dimension: str, value: str) -> int | None:
    """What the interface tells of a value of a dimension."""
    if dimension == "totals":
        n: int | None = answer["totals"][value]
        return n
    (row,) = [row for row in answer[dimension] if row[ROWS[dimension]] == value]
    return int(row["n"])


async def some_rows() -> list[Row]:
    figures = MemoryFigures()
    figures.put("fjellbekk", NOW, shown(chats={"begun": 13}, hours={"09": 11}))
    period = Period(TODAY - timedelta(days=1), TODAY)
    return await rows_between(cast(Figures, figures), PACK, period)


async def test_a_row_says_of_which_day_hour_and_what() -> None:
    rows = await some_rows()
    assert Row("fjellbekk", TODAY, None, "totals", "chats", 13, False) in rows
    assert Row("fjellbekk", TODAY, 9, "hours", "09", 11, False) in rows
    eve = TODAY - timedelta(days=1)
    assert Row("fjellbekk", eve, None, "totals", "chats", None, True) in rows
    assert {row.dimension for row in rows} <= {"totals", *ROWS}
    assert {row.value for row in rows if row.dimension == "totals"} == {*COUNTED}


async def test_csv_and_parquet_say_the_same() -> None:
    rows = await some_rows()
    lines = csv.DictReader(io.StringIO(written(rows, Format.CSV).decode()))
    assert tuple(lines.fieldnames or ()) == COLUMNS
    back = [
        Row(line["merchant"], date.fromisoformat(line["day"]), _number(line["hour"]),
            line["dimension"], line["value"], _number(line["n"]), line["withheld"] == "1")
        for line in lines
    ]  # fmt: skip
    assert back == rows
    table = read_parquet(written(rows, Format.PARQUET)).read_all()
    columns = [table.column(name).to_pylist() for name in COLUMNS]
    assert [Row(*values) for values in zip(*columns, strict=True)] == rows


def _number(text: str) -> int | None:
    return int(text) if text else None


def test_without_the_extra_parquet_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arro3.io", None)
    with pytest.raises(ConfigurationError) as error:
        written([], Format.PARQUET)
    assert "--extra parquet" in error.value.fix
    folder = AnalyticsSettings(
        analytics_daily_folder=Path("unused"), analytics_daily_format=Format.PARQUET
    )
    with pytest.raises(ConfigurationError):
        daily_files(folder, cast(Figures, MemoryFigures()), Packs())


def test_without_a_folder_there_are_no_daily_files() -> None:
    assert daily_files(AnalyticsSettings(), cast(Figures, MemoryFigures()), Packs()) == []


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "file.csv"
    place(path, b"old")
    monkeypatch.setattr(Path, "replace", _full)
    with pytest.raises(OSError, match="full"):
        place(path, b"new")
    assert [one.read_bytes() for one in path.parent.iterdir()] == [b"old"]


def _full(*_arguments: object) -> None:
    raise OSError("full")


@pytest.fixture
def daily(tmp_path: Path) -> DailyFiles:
    """Figures since 1 January 2026, looked at on 2 March at noon."""
    figures = cast(Figures, MemoryFigures())
    return DailyFiles(figures, Packs(PACK), tmp_path, Format.CSV, 5, lambda: NOW)


def kept(daily: DailyFiles) -> list[str]:
    return sorted(str(path.relative_to(daily.folder)) for path in daily.folder.rglob("*.*"))


async def test_days_that_are_over_are_caught_up_once_and_old_files_go(daily: DailyFiles) -> None:
    assert await daily.once() == 5
    first = [f"fjellbekk/2026-02-{n}.csv" for n in (25, 26, 27, 28)] + ["fjellbekk/2026-03-01.csv"]
    assert kept(daily) == first
    (daily.folder / first[0]).write_text("as it was")
    assert await daily.once() == 0, "what is over stays as it was written"
    assert (daily.folder / first[0]).read_text() == "as it was"
    other = daily.folder / "fjellbekk" / "notes.csv"
    other.write_text("somebody else's")
    late = replace(daily, now=lambda: NOW + timedelta(days=2))
    assert await late.once() == 2
    assert kept(late) == [
        *first[2:],
        "fjellbekk/2026-03-02.csv",
        "fjellbekk/2026-03-03.csv",
        "fjellbekk/notes.csv",
    ]


async def test_a_day_is_written_when_nothing_can_be_added(daily: DailyFiles) -> None:
    midnight = NOW.replace(hour=23, minute=0, second=0, microsecond=0)  # in Oslo, where it is 00:00
    early = replace(daily, now=lambda: midnight + timedelta(hours=1, minutes=59))
    await early.once()
    assert f"fjellbekk/{TODAY}.csv" not in kept(daily)
    await replace(daily, now=lambda: midnight + timedelta(hours=2)).once()
    assert f"fjellbekk/{TODAY}.csv" in kept(daily)


async def test_before_there_are_counts_there_are_no_files(
    daily: DailyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = replace(await MemoryFigures().oldest(PACK.merchant), counts_since=None)

    async def oldest(*_arguments: object) -> object:
        return nothing

    monkeypatch.setattr(MemoryFigures, "oldest", oldest)
    assert await daily.once() == 0
    assert kept(daily) == []
