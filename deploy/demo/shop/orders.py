"""The merchant's own order system: an invented order book in SQLite, without any person in it."""

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from deploy.demo.shop.catalogue import Shop

Status = Literal[
    "received", "packed", "sent", "out_for_delivery",
    "ready_for_pickup", "delivered", "returned", "cancelled",
]  # fmt: skip
STATUSES: tuple[Status, ...] = get_args(Status)
ORDER_NUMBER = re.compile(r"[0-9]{8}")
GENERATED = 240
UNKNOWN_ORDER = "99999999"
"""A well-formed number that no shop has, for trying the answer "we do not know this order"."""

_DAYS_AHEAD = {
    "received": (3, 6), "packed": (2, 4), "sent": (1, 3),
    "out_for_delivery": (0, 0), "delivered": (-9, -1),
}  # fmt: skip
_WITH_CARRIER = ("packed", "sent", "out_for_delivery", "ready_for_pickup", "delivered", "returned")
_WITH_TRACKING = _WITH_CARRIER[1:]
# Days instead of dates, so that the demo is fresh on every day that it runs.
_TABLE = """CREATE TABLE orders (
    order_number TEXT PRIMARY KEY, status TEXT NOT NULL, carrier TEXT, tracking_number TEXT,
    expected_in_days INTEGER, pickup_point TEXT)"""
_Row = tuple[str, str, str | None, str | None, int | None, str | None]


def tracking_number(rng: random.Random, country: str) -> str:
    """An invented number in the postal S10 form, with a right check digit."""
    digits = f"{rng.randrange(10**8):08d}"
    total = sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"NB{digits}{check}{country}"


def generate(shop: Shop) -> Iterator[_Row]:
    """The order book's rows: the documented numbers first; the same on every start."""
    rng = random.Random(shop.order_book.seed)  # noqa: S311 - invented data, not a secret
    for number, status in shop.fixed_orders.items():
        yield _row(rng, shop, number, status)
    first = shop.order_book.first
    free = [n for n in map(str, range(first, first + 80_000)) if n not in shop.fixed_orders]
    for number in rng.sample(free, GENERATED):
        yield _row(rng, shop, number, rng.choice(STATUSES))


def _row(rng: random.Random, shop: Shop, number: str, status: str) -> _Row:
    days = _DAYS_AHEAD.get(status)
    return (
        number,
        status,
        rng.choice(shop.order_book.carriers) if status in _WITH_CARRIER else None,
        tracking_number(rng, shop.order_book.country) if status in _WITH_TRACKING else None,
        rng.randint(*days) if days else None,
        rng.choice(shop.pickup_points) if status == "ready_for_pickup" else None,
    )


class OrderBook:
    """Finds orders by number. `today` is asked at every look-up, never remembered."""

    def __init__(self, path: Path, today: Callable[[], date] = date.today) -> None:
        self._path = path
        self._today = today

    def create(self, shop: Shop) -> None:
        """Write the book anew; an older file in its place is replaced."""
        self._path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._path)) as book, book:
            book.execute(_TABLE)
            book.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", generate(shop))

    def find(self, order_number: str) -> dict[str, Any] | None:
        """The order as the webhook answers it, or None when the shop does not know the number."""
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as book:
            book.row_factory = sqlite3.Row
            row = book.execute(
                "SELECT * FROM orders WHERE order_number = ?", (order_number,)
            ).fetchone()
        return None if row is None else self._answer(dict(row))

    def _answer(self, order: dict[str, Any]) -> dict[str, Any]:
        days = order.pop("expected_in_days")
        expected = None if days is None else (self._today() + timedelta(days=days)).isoformat()
        return {"found": True, **order, "expected_on": expected}
