"""The console's address for searching one's own open cases: opened in memory, found in no index."""

import asyncio
import re
import unicodedata
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.bodies import IntakeBody
from libs.kit.errors import Refused
from services.handoff.access import Access
from services.handoff.case import Case
from services.handoff.refusals import refused
from services.handoff.rights import Agent
from services.handoff.showing import Showing
from services.handoff.texts import Texts

FEWEST, MOST = 2, 100
"""Letters that a question has."""

BESIDE = 50
"""Letters of an excerpt on either side of what was found."""


@dataclass(frozen=True)
class Search:
    """Finds words in what was written in an agent's own open cases."""

    access: Access
    showing: Showing
    texts: Texts

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [Route("/api/search", self.search)]

    async def search(self, request: Request) -> Response:
        """The cases in which `q` stands, oldest first; `complete` says whether all could be read."""
        agent = await self.access.doorway.person(request)
        wanted = _pattern(request.query_params.get("q", ""))
        mine = await self.access.store.owned_by(agent.agent_id)
        cases = [case for case in mine if agent.may_read(case)]
        read = await asyncio.gather(*(self._all_of(case) for case in cases))
        shown, found = await self.showing.to(agent), []
        for case, (texts, _) in zip(cases, read, strict=True):
            if excerpt := _excerpt(wanted, texts):
                await self._note(agent, case)
                found.append({"case": shown.view(case), "excerpt": excerpt})
        return JSONResponse({"found": found, "complete": all(whole for _, whole in read)})

    async def _all_of(self, case: Case) -> tuple[list[str], bool]:
        """Every text of a case, and whether none is missing; an erased case has none."""
        try:
            form, notes = await self.texts.form(case), await self.texts.notes_on(case)
        except Refused:
            return [], True
        said, whole = await self._said_in(case)
        return [*form.fields.values(), *said, *(body.text for _, body in notes)], whole

    async def _said_in(self, case: Case) -> tuple[list[str], bool]:
        said: list[str] = []
        after = 0
        while entries := await self.texts.entries(case, after):
            said += [body.text for _, body in entries if not isinstance(body, IntakeBody)]
            after = max(entry.seq for entry, _ in entries)
        return said, entries is not None

    async def _note(self, agent: Agent, case: Case) -> None:
        await self.access.doorway.saw(agent, case, "case_found", ("intake", "messages", "notes"))


def _pattern(question: str) -> re.Pattern[str]:
    """What is looked for, whatever its case; refuses what finds nothing or everything."""
    words = _normal(question).strip()
    if not FEWEST <= len(words) <= MOST:
        raise refused("nothing_asked")
    return re.compile(re.escape(words), re.IGNORECASE)


def _excerpt(wanted: re.Pattern[str], texts: list[str]) -> str | None:
    for text in map(_normal, texts):
        if found := wanted.search(text):
            start, end = max(0, found.start() - BESIDE), found.end() + BESIDE
            return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"
    return None


def _normal(text: str) -> str:
    """One way to write each letter, and no line breaks."""
    return " ".join(unicodedata.normalize("NFC", text).split())
