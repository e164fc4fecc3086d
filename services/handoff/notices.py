"""Notices to open consoles that something changed: a hint to look, never the data itself."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from services.handoff.case import Case

WAITING_NOTICES = 100
"""A console that does not read for so long gets no more: it looks by itself every 5 s."""


STIRRING = ("queue", "presence")
"""After notices of these types there may be something to give, to take back or to reckon anew."""


@dataclass(frozen=True)
class Notice:
    """What an open console is told: the queue or a case is not what it was."""

    type: Literal["queue", "case", "typing", "watching", "presence", "bye"]
    merchant_id: str
    case_id: str


Inbox = asyncio.Queue[Notice | None]


class Notices:
    """The consoles that are open in this process."""

    def __init__(self) -> None:
        self._open: dict[Inbox, frozenset[str]] = {}
        self.closed = False
        self.told = 0
        """How often something was told: lists that were read before are not the newest any more."""
        self.stirred = asyncio.Event()
        """Set when a queue or who is there has changed: somebody may have to do something."""

    @property
    def anybody(self) -> bool:
        """Whether a console is open here."""
        return bool(self._open)

    @contextmanager
    def listen(self, merchants: Iterable[str]) -> Iterator[Inbox]:
        """The notices of some merchants from now on; None among them means the end."""
        inbox: Inbox = asyncio.Queue(WAITING_NOTICES)
        self._open[inbox] = frozenset(merchants)
        try:
            yield inbox
        finally:
            del self._open[inbox]

    def queue_changed(self, case: Case) -> None:
        """The queue that `case` enters or leaves is not what it was, nor is the case."""
        self._tell(Notice("queue", case.merchant_id, str(case.case_id)))

    def case_changed(self, case: Case) -> None:
        """Somebody wrote in the case."""
        self._tell(Notice("case", case.merchant_id, str(case.case_id)))

    def presence_changed(self, merchant_id: str) -> None:
        """Somebody who serves the merchant came, went, or takes cases now or not."""
        self._tell(Notice("presence", merchant_id, ""))

    def typing(self, case: Case) -> None:
        """The visitor of the case is writing."""
        self._tell(Notice("typing", case.merchant_id, str(case.case_id)))

    def watching(self, case: Case) -> None:
        """Somebody else looks at the case now."""
        self._tell(Notice("watching", case.merchant_id, str(case.case_id)))

    async def close(self) -> None:
        """Ends every stream; called when the service stops."""
        self.closed = True
        for inbox in self._open:
            if not inbox.full():
                inbox.put_nowait(None)

    def _tell(self, notice: Notice) -> None:
        self.told += notice.type != "typing"
        if notice.type in STIRRING:
            self.stirred.set()
        for inbox, merchants in self._open.items():
            if notice.merchant_id in merchants and not inbox.full():
                inbox.put_nowait(notice)
