"""The console's addresses for looking: the lists of cases, and one case with all that is written in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.bodies import IntakeBody
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from services.handoff import intake, views
from services.handoff.access import Access
from services.handoff.board import Boards, written
from services.handoff.case import Case
from services.handoff.guard import query_number, require_reading
from services.handoff.intake import IntakeFact
from services.handoff.showing import Showing
from services.handoff.staff import Staff
from services.handoff.suggestions import Suggestion, suggest
from services.handoff.texts import Entries, Texts


@dataclass(frozen=True)
class Desk:
    """What agents see of cases; one method per address."""

    access: Access
    showing: Showing
    texts: Texts
    content: MerchantContent
    staff: Staff
    boards: Boards
    now: Now = utc_now

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/queue", self.queue),
            Route("/api/cases/{case_id}", self.show, methods=["GET"]),
        ]

    async def queue(self, request: Request) -> Response:
        """The waiting cases that the agent may see, longest wait first, and the agent's own."""
        agent = await self.access.doorway.person(request)
        board = await self.boards.newest()
        # Read last: a case that is claimed in between stands in two lists rather than in none.
        mine = await self.access.store.owned_by(agent.agent_id)
        shown = board.known.to(agent)
        own = written([shown.view(case) for case in mine if agent.may_see(case)])
        waiting, filed = board.lists_for(agent)
        now = written(self.now().isoformat())
        lists = f'{{"now":{now},"waiting":{waiting},"filed":{filed},"mine":{own}}}'
        return Response(lists, media_type="application/json")

    async def show(self, request: Request) -> Response:
        """A case with its form, its notes, and its transcript after entry `after`; null while away."""
        agent, case = await self.access.seen(request)
        require_reading(agent, case)
        await self.access.doorway.saw(agent, case, "case_read", ("intake", "messages", "notes"))
        await self.staff.looks(agent, case)
        form = await self.texts.form(case)
        facts = self._facts(case, form)
        entries = await self.texts.entries(case, query_number(request, "after"))
        notes = await self.texts.notes_on(case)
        if entries and case.agent_id == agent.agent_id:
            await self._mark_read(case, entries)
        return JSONResponse({
            "now": self.now().isoformat(),
            "case": await self.showing.one(agent, case),
            "intake": [views.fact_view(fact) for fact in facts],
            "customer": form.customer and form.customer.model_dump(),
            "context": form.context and form.context.model_dump(),
            "messages": views.entry_views(entries),
            "notes": [views.note_view(note, body, agent) for note, body in notes],
            "suggestions": [vars(one) for one in self._suggestions(case, facts)],
        })  # fmt: skip

    def _facts(self, case: Case, form: IntakeBody) -> tuple[IntakeFact, ...]:
        return intake.read(form.fields, self.content.get(case.merchant_id).topic(case.topic))

    def _suggestions(self, case: Case, facts: Iterable[IntakeFact]) -> list[Suggestion]:
        sound = {fact.field.key: fact.value for fact in facts if fact.value and not fact.problem}
        pack = self.content.get(case.merchant_id)
        return suggest(pack, case.topic, case.locale, sound, self.now())

    async def _mark_read(self, case: Case, entries: Entries) -> None:
        newest = max(entry.sent_at for entry, _ in entries)
        if case.unread and case.visitor_wrote_at and case.visitor_wrote_at <= newest:
            await self.access.store.mark_read(case, newest)
