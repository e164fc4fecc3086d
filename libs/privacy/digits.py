"""Most messages hold no digit: whoever looks for numbers need not look at those."""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

More = ParamSpec("More")
FoundT = TypeVar("FoundT")

DIGIT = re.compile(r"\d")


def needs_digits(
    find: Callable[Concatenate[str, More], Iterator[FoundT]],
) -> Callable[Concatenate[str, More], Iterator[FoundT]]:
    """The recognizer `find`, which is not asked about a text without digits: it would find nothing."""

    @wraps(find)
    def found(text: str, /, *more: More.args, **named: More.kwargs) -> Iterator[FoundT]:
        return find(text, *more, **named) if DIGIT.search(text) else iter(())

    return found
