"""Sums of money and other measured numbers, as people write them."""

import re
from collections.abc import Iterator

from libs.privacy.digits import needs_digits

FOLDED = re.IGNORECASE
UNIT = r"(?:kr|kroner|kronor|nok|sek|dkk|eur|euroa?|€|£|\$|g|kg|mm|cm|ml|dl|mah|w|gb|%)"
AMOUNT = r"\d{1,3}(?:[ .]\d{3}){0,2}(?:,\d{1,2}|,-)?"
PRICE = re.compile(
    r"(?<![\w.-])\d{1,4}\.\d\d(?![\w.-])|"
    rf"(?<![\w.-])(?:(?:kr|nok|sek|dkk|eur|€|£|\$)[. ]{{0,2}}{AMOUNT}|{AMOUNT} ?{UNIT})(?![\w\d])",
    FOLDED,
)
TIMES = re.compile(r"(?<![\d.])[012]?\d[.:][0-5]\d ?- ?[012]?\d[.:][0-5]\d(?![\d.])")

_NUMBER = r"(?:\d{1,3}(?:[ .']\d{3}){1,2}|\d{1,6})(?:[.,]\d{1,2}(?!\d))?"
_BEFORE = r"(?P<before>kr|nok|sek|dkk|eur|gbp|usd|€|£|\$)[. ]{0,2}"
_AFTER = (
    r"(?P<after>kr(?:oner|onor|onen|\b)|nok\b|sek\b|dkk\b|eur(?:o[as]?|on|oa)?\b|gbp\b|usd\b|pund\b|pounds?\b"
    r"|dollars?\b|€|£|\$|e\b|spenn\b|lapp\b|kruunua\b)"
)
MONEY = re.compile(
    rf"(?<![\w.,-]){_BEFORE}(?P<n1>{_NUMBER})(?:,-|:-)?(?!\d)"
    rf"|(?<![\w.,-])(?<!\d )(?P<n2>{_NUMBER})(?:,-|:-| ?,-)? ?{_AFTER}"
    rf"|(?<![\w.,-])(?P<n3>{_NUMBER})(?:,-|:-|,\u2013)(?!\d)",
    FOLDED,
)
_CURRENCIES = {
    "kr": "kr", "nok": "NOK", "sek": "SEK", "dkk": "DKK", "eur": "EUR", "€": "EUR", "e": "EUR",
    "gbp": "GBP", "£": "GBP", "pun": "GBP", "pou": "GBP", "usd": "USD", "$": "USD", "dol": "USD",
    "spe": "kr", "lap": "kr", "kro": "kr", "kru": "kr",
}  # fmt: skip


@needs_digits
def amounts(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and value ("1299.50 NOK") of every sum; `kr` where the country is not said."""
    for found in MONEY.finditer(text):
        number = next(found[name] for name in ("n1", "n2", "n3") if found[name])
        word = (found["before"] or found["after"] or "kr").casefold()
        currency = _CURRENCIES.get(word) or _CURRENCIES[word[:3]]
        yield found.start(), found.end(), f"{_plain(number)} {currency}"


def _plain(number: str) -> str:
    """The number with a point before the decimals and nothing between the thousands."""
    whole = re.sub(r"[ '](?=\d{3})|\.(?=\d{3})", "", number)
    return whole.replace(",", ".")
