"""Every look of a person at what a visitor wrote, and every erasure, goes into the audit log."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from libs.kit.audit import Audit
from services.handoff.case import Case
from services.handoff.rights import Agent

LOOK_SECONDS = 300.0
"""Somebody who keeps a case open looks once: the page fetches it anew with every message."""

REMEMBERED = 10_000


class Witness:
    """Writes who saw which fields of which case, before they are shown."""

    def __init__(self, audit: Audit, seconds: float = LOOK_SECONDS) -> None:
        self._audit = audit
        self._seconds = seconds
        self._looks: OrderedDict[tuple[str, ...], float] = OrderedDict()

    async def saw(self, agent: Agent, case: Case, what: str, fields: Iterable[str]) -> None:
        """Notes a look: once within five minutes for the same person, case and fields."""
        named = tuple(sorted(fields))
        look = (agent.agent_id, str(case.case_id), what, *named)
        now = asyncio.get_running_loop().time()
        if now - self._looks.get(look, float("-inf")) < self._seconds:
            return
        await self._write(agent, case, what, named)
        self._remember(look, now)

    async def did(self, agent: Agent, case: Case, what: str, fields: Iterable[str] = ()) -> None:
        """Notes what somebody did with a case, every time; `fields` are those that were shown for it."""
        await self._write(agent, case, what, tuple(sorted(fields)))

    async def _write(self, agent: Agent, case: Case, what: str, fields: tuple[str, ...]) -> None:
        await self._audit.add(
            agent.agent_id, what, merchant_id=case.merchant_id, case_id=case.case_id,
            conversation_id=case.conversation_id, fields=fields,
            roles=agent.roles_at(case.merchant_id),
        )  # fmt: skip

    def _remember(self, look: tuple[str, ...], now: float) -> None:
        self._looks[look] = now
        self._looks.move_to_end(look)
        if len(self._looks) > REMEMBERED:
            self._looks.popitem(last=False)
