"""Which period of the merchant's calendar is asked for: days until today, this month, one day to another."""

from datetime import date, timedelta

from starlette.datastructures import QueryParams

from libs.contracts.content import Merchant
from libs.kit.errors import Refused
from services.analytics.calendar import Period, month

MAX_DAYS = 400
DEFAULT_DAYS = "7"


def period_of(asked: QueryParams, merchant: Merchant, today: date) -> Period:
    """The period of a query; raises Refused (400) where it is none that can be shown."""
    _require_zone(asked.get("zone", merchant.time_zone), merchant)
    if asked.get("month") == "this":
        return Period(month(today).first, today)
    if "from" not in asked and "to" not in asked:
        return Period.until(today, _days(asked.get("days", DEFAULT_DAYS)))
    try:
        period = Period(
            date.fromisoformat(asked.get("from", "")), date.fromisoformat(asked.get("to", ""))
        )
    except ValueError:
        raise _period_wrong() from None
    if not 1 <= period.length <= MAX_DAYS or period.last > today + timedelta(days=1):
        raise _period_wrong()
    return period


def wants_comparison(asked: QueryParams) -> bool:
    """Whether the period before is asked for, too."""
    if asked.get("compare", "") not in {"", "previous"}:
        raise Refused(
            400, "compare_wrong", "There is nothing of this name to compare with.",
            "give `compare=previous`, or leave it out.",
        )  # fmt: skip
    return bool(asked.get("compare"))


def _require_zone(zone: str, merchant: Merchant) -> None:
    """Days of another zone would be other sums of hours: their difference could tell of one chat."""
    if zone != merchant.time_zone:
        raise Refused(
            400, "zone_wrong", "The shop's days are counted in its own time zone only.",
            f"give `zone={merchant.time_zone}`, or leave it out.",
        )  # fmt: skip


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len("1000")):
        text = "0"
    if not 1 <= int(text) <= MAX_DAYS:
        raise Refused(
            400, "days_wrong", "The number of days is not one that can be shown.",
            f"give `days` from 1 to {MAX_DAYS}.",
        )  # fmt: skip
    return int(text)


def _period_wrong() -> Refused:
    return Refused(
        400, "period_wrong", "This is not a period that can be shown.",
        f"give `from` and `to` as YYYY-MM-DD, at most {MAX_DAYS} days, until today.",
    )  # fmt: skip
