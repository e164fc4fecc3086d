"""The lists of waiting cases and left messages, read once for all consoles of a process.

Every console asks for them after each notice, all at the same time: reading and writing out hundreds of
cases for each of them would take longer than the answer is worth.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.handoff.case import Case
from services.handoff.notices import Notices
from services.handoff.rights import Agent
from services.handoff.showing import Known, Showing, Shown
from services.handoff.speech import places_in_queues
from services.handoff.store import CaseStore

FRESH_SECONDS = 0.5
"""What other processes change is seen so late at most; a change of this process at once."""


@dataclass(frozen=True)
class Board:
    """The lists as they were read."""

    waiting: Sequence[Case]
    filed: Sequence[Case]
    known: Known
    places: Mapping[UUID, int]
    texts: dict[UUID, str] = field(default_factory=dict)

    def lists_for(self, agent: Agent) -> tuple[str, str]:
        """The two lists as JSON, with the cases that an agent may see."""
        shown = self.known.to(agent)
        return self._list(shown, self.waiting), self._list(shown, self.filed)

    def _list(self, shown: Shown, cases: Sequence[Case]) -> str:
        return f"[{','.join(self._one(shown, c) for c in cases if shown.agent.may_see(c))}]"

    def _one(self, shown: Shown, case: Case) -> str:
        """Nobody owns it, so it looks the same to all; but for the names of others who look at it."""
        if str(case.case_id) in shown.watchers:
            return self._write(shown, case)
        if case.case_id not in self.texts:
            self.texts[case.case_id] = self._write(shown, case)
        return self.texts[case.case_id]

    def _write(self, shown: Shown, case: Case) -> str:
        return written(shown.view(case, self.places.get(case.case_id)))


class Boards:
    """The newest lists; who asks while they are read gets the same ones."""

    def __init__(
        self, store: CaseStore, showing: Showing, notices: Notices,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._store = store
        self._showing = showing
        self._notices = notices
        self._clock = clock
        self._turn = asyncio.Lock()
        self._newest: tuple[Board, int, float] | None = None

    async def newest(self) -> Board:
        """The lists with every change that was told before this call."""
        told = self._notices.told
        async with self._turn:
            if self._newest and self._newest[1] >= told and self._is_fresh(self._newest[2]):
                return self._newest[0]
            now, began = self._notices.told, self._clock()
            board = await self._read()
            self._newest = board, now, began
            return board

    def _is_fresh(self, began: float) -> bool:
        return self._clock() - began < FRESH_SECONDS

    async def _read(self) -> Board:
        shops = [pack.merchant_id for pack in self._showing.content.all()]
        waiting, filed = await self._store.waiting(shops), await self._store.filed(shops)
        known = await self._showing.known()
        return Board(waiting, filed, known, places_in_queues(waiting))


def written(what: object) -> str:
    """JSON as short as it can be."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"))
