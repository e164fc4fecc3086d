"""The invented order book: large enough, always fresh, and without a person."""

import re
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.shop.catalogue import MERCHANTS, load_shop
from deploy.demo.shop.orders import ORDER_NUMBER, STATUSES, UNKNOWN_ORDER, OrderBook, generate

TODAY = date(2026, 11, 23)


@pytest.fixture(params=MERCHANTS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> OrderBook:
    made = OrderBook(tmp_path / "orders.sqlite3", today=lambda: TODAY)
    made.create(load_shop(request.param))
    return made


@pytest.fixture(params=MERCHANTS)
def rows(request: pytest.FixtureRequest) -> list[tuple[Any, ...]]:
    return list(generate(load_shop(request.param)))


def test_it_is_large_and_each_number_is_its_own(rows: list[tuple[Any, ...]]) -> None:
    numbers = {row[0] for row in rows}
    assert len(numbers) == len(rows) >= 200
    assert all(ORDER_NUMBER.fullmatch(number) for number in numbers)
    assert UNKNOWN_ORDER not in numbers


def test_the_same_orders_on_every_start(rows: list[tuple[Any, ...]]) -> None:
    assert rows in [list(generate(load_shop(merchant))) for merchant in MERCHANTS]


@pytest.mark.parametrize("merchant", MERCHANTS)
def test_the_documented_numbers_cover_every_status(merchant: str) -> None:
    assert tuple(load_shop(merchant).fixed_orders.values()) == STATUSES


def test_tracking_numbers_have_a_right_check_digit(rows: list[tuple[Any, ...]]) -> None:
    tracking = [row[3] for row in rows if row[3]]
    assert tracking
    for number in tracking:
        assert re.fullmatch(r"[A-Z]{2}[0-9]{9}(NO|SE)", number)
        weighted = zip(map(int, number[2:10]), (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
        check = 11 - sum(digit * weight for digit, weight in weighted) % 11
        assert int(number[10]) == {10: 0, 11: 5}.get(check, check)


def test_dates_follow_the_day_of_the_question(tmp_path: Path) -> None:
    today = TODAY
    book = OrderBook(tmp_path / "orders.sqlite3", today=lambda: today)
    book.create(load_shop("fjellbekk"))
    before = book.find("10482225")
    today = date(2027, 1, 2)
    after = book.find("10482225")
    assert before
    assert after
    assert (before["expected_on"], after["expected_on"]) == ("2026-11-23", "2027-01-02")


def test_only_an_order_that_waits_has_a_pickup_point(tmp_path: Path) -> None:
    shop = load_shop("havsro")
    book = OrderBook(tmp_path / "orders.sqlite3")
    book.create(shop)
    orders = [book.find(number) for number in shop.fixed_orders]
    waiting = [order["status"] for order in orders if order and order["pickup_point"]]
    assert waiting == ["ready_for_pickup"]


def test_creating_again_replaces_the_book(book: OrderBook) -> None:
    book.create(load_shop("fjellbekk"))
    assert book.find("10482217")
    assert book.find("20735524") is None


@pytest.mark.parametrize("number", ["' OR 1=1 --", "", "10482217 "])
def test_a_strange_number_is_not_found(book: OrderBook, number: str) -> None:
    assert book.find(number) is None


def test_the_book_has_no_column_for_a_person(book: OrderBook, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "orders.sqlite3")) as file:
        columns = [row[1] for row in file.execute("PRAGMA table_info(orders)")]
    assert columns == [
        "order_number", "status", "carrier", "tracking_number", "expected_in_days", "pickup_point",
    ]  # fmt: skip
