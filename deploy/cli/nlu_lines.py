"""How `prat nlu` writes tables: aligned lines that `grep` and a narrow terminal can both take."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.markup import escape

from deploy.cli.output import screen

CUT = 72
"""Characters of a text in a table; the JSON has all of it."""

BAR = 10


def show_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns under their heads; numbers stand to the right."""
    cells = [[text(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    right = [bool(rows) and all(is_number(row[n]) for row in rows) for n in range(len(heads))]
    lines = (heads, *cells) if any(heads) else cells
    for line in lines:
        padded = [
            pad(cell, width, right=flag)
            for cell, width, flag in zip(line, widths, right, strict=True)
        ]
        joined = escape("  ".join(padded).rstrip())
        screen().print(f"[bold]{joined}[/]" if line is heads else joined)


def heading(text_: str) -> None:
    """A line that parts one table from the next."""
    screen().print(f"\n[bold]{escape(text_)}[/]")


def text(value: object) -> str:
    """A cell: one line, cut where it is long; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    line = " ".join(str(value).split())
    return line if len(line) <= CUT else f"{line[: CUT - 1]}…"


def pad(cell: str, width: int, *, right: bool) -> str:
    """The cell at this width; wide and combining characters count as the terminal shows them."""
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank


def is_number(value: object) -> bool:
    """Whether a cell stands to the right."""
    return value is None or isinstance(value, int | float)


def percent(share: float | None) -> str:
    """A share for people; a dash where it cannot be told."""
    return "-" if share is None else f"{share * 100:.1f} %"


def bar(share: float) -> str:
    """A share as a small bar."""
    full = round(max(0.0, min(1.0, share)) * BAR)
    return "█" * full + "░" * (BAR - full)
