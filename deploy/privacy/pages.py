"""The committed pages of the data map: one to read, one for programs."""

import json
from collections.abc import Sequence
from pathlib import Path

from deploy.markdown import table
from deploy.privacy.holdings import data_map
from libs.contracts.datamap import ENVELOPE, Nature, Row

FOLDER = Path("docs/privacy")

HEAD = """\
<!-- Made by `prat docs build` from the code; do not edit. -->
# Data map

What is kept of people, where, what for, how long, and by whom: computed from the events, the topics and \
the collections in the code. `personal` may say who a visitor is and is sealed with the conversation's own \
key; `linked` hangs on a random id and says nothing by itself; `staff` is about agents and editors. Purposes \
are `dialogue`, `case` and `security`; there is no fourth. A shop's own days (at most 90 for conversations, \
365 for cases) are in its notice: `prat privacy notice --merchant ID`. Programs read \
[data-map.json](data-map.json).
"""

BUS = """
## The bus

Fields of events. Every event has `event_id`, `schema_version`, `merchant_id`, `cause_id`, `occurred_at` and \
`type`, which are `linked` where the event belongs to a conversation.
"""


def privacy_pages() -> dict[Path, str]:
    """Every generated page about privacy by its path."""
    rows = data_map()
    return {
        FOLDER / "data-map.md": map_page(rows),
        FOLDER / "data-map.json": _as_json(rows),
    }


def map_page(rows: Sequence[Row]) -> str:
    """docs/privacy/data-map.md."""
    of_events = [row for row in rows if row.place.startswith("prat.") and row.item]
    fields = [row for row in of_events if row.nature != Nature.NONE and not _is_envelope(row)]
    places = [row for row in rows if row not in of_events]
    head = ("place", "holds", "nature", "purposes", "kept by", "sealed", "until")
    return "\n".join((
        HEAD, "## Collections and other places\n", table(head, [_cells(row) for row in places]),
        BUS, table(("field", *head[2:], "topic"), [_field(row) for row in fields]),
    ))  # fmt: skip


def _as_json(rows: Sequence[Row]) -> str:
    """One row a line, so that a change is seen as one."""
    lines = [json.dumps(row.as_json(), ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _is_envelope(row: Row) -> bool:
    return row.item.partition(".")[2] in ENVELOPE


def _cells(row: Row) -> tuple[str, ...]:
    place = f"`{row.place}`" if not row.item else f"{row.place}: {row.item}"
    return (place, row.holds, *_rules(row))


def _field(row: Row) -> tuple[str, ...]:
    return (f"`{row.item}`", *_rules(row), row.place)


def _rules(row: Row) -> tuple[str, ...]:
    purposes = ", ".join(row.uses) or "none"
    return (row.nature, purposes, row.holder, "yes" if row.sealed else "", str(row.life))
