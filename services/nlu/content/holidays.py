"""Public holidays as days off: worked out when content is published, so that services need no table."""

from datetime import date

from libs.contracts.content import Merchant

YEARS_AHEAD = 2
"""This year and the next: content is published more often than that."""

KINDS: dict[str, tuple[str, ...]] = {"SE": ("public", "de_facto")}
"""Swedish shops are as closed on the eves of Midsummer, Christmas and the New Year; Finnish law says so."""


def with_holidays(merchant: Merchant, today: date) -> Merchant:
    """The merchant with the public holidays of its country among its days off."""
    country = merchant.hours.holidays
    if country is None:
        return merchant
    off = {*merchant.hours.closed_on, *public_holidays(country, today.year)}
    hours = merchant.hours.model_copy(update={"closed_on": tuple(sorted(off))})
    return merchant.model_copy(update={"hours": hours})


def public_holidays(country: str, year: int) -> tuple[date, ...]:
    """The holidays of a country from the beginning of `year`, in order."""
    # Imported here: services that only read content never publish, and start without it.
    import holidays

    kinds = KINDS.get(country, ("public",))
    years = range(year, year + YEARS_AHEAD)
    return tuple(sorted(holidays.country_holidays(country, years=years, categories=kinds)))
