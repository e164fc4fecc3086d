"""The rights desk's addresses for doing what is asked: hand out, correct, erase, stop improving."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from libs.kit.errors import Refused
from libs.kit.internal import passed_on
from libs.privacy.sealing import Place
from services.handoff import intake, views
from services.handoff.case import Case, NotAllowed
from services.handoff.guard import path_uuid, read_body
from services.handoff.notices import Notices
from services.handoff.refusals import by_the_rules, refused
from services.handoff.rights import Agent
from services.handoff.rightsdesk import requests
from services.handoff.rightsdesk.counter import Counter
from services.handoff.rightsdesk.requests import Kind, Request
from services.handoff.texts import Texts


class Correction(BaseModel):
    """The facts of a case as they are right."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    case_id: UUID
    fields: dict[str, str]


@dataclass(frozen=True)
class Acts:
    """One method per address; every one is noted before it is done."""

    counter: Counter
    texts: Texts
    notices: Notices

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        one = "/api/requests/{request_id}"
        return [
            Route(f"{one}/export/{{conversation_id}}", self.export),
            Route(f"{one}/facts", self.facts, methods=["GET"]),
            Route(f"{one}/facts", self.correct, methods=["POST"]),
            Route(f"{one}/erase", self.erase, methods=["POST"]),
            Route(f"{one}/object", self.object, methods=["POST"]),
            Route(f"{one}/receipts/{{erasure_id}}", self.receipt),
        ]

    async def export(self, asked: Asked) -> Response:
        """A conversation as its visitor could download it: `?format=json` or `html`."""
        agent, request = await self.counter.found(asked)
        self._require(request, Kind.ACCESS)
        conversation = self.counter.of_request(request, asked.path_params["conversation_id"])
        form = "html" if asked.query_params.get("format") == "html" else "json"
        files = ("attachments",) if await self.counter.transcript.files(conversation) else ()
        shown = ("intake", "messages", *files)
        await self.counter.looked(agent, request, "exported", conversation, *shown)
        made = await self.counter.transcript.export(
            request.merchant_id, conversation, form, request.language
        )
        with suppress(NotAllowed):  # two copies at once: the other one has noted it
            after = requests.handed_out(request, self.counter.now())
            await self.counter.store.save(request, after)
        return _file(made, f"conversation.{form}")

    async def facts(self, asked: Asked) -> Response:
        """The facts that were given in each case of the conversations, to be corrected."""
        agent, request = await self.counter.found(asked)
        self._require(request, Kind.RECTIFICATION)
        cases = [case for one in request.conversations for case in await self._cases(request, one)]
        return JSONResponse({"cases": [await self._facts(agent, request, case) for case in cases]})

    async def correct(self, asked: Asked) -> Response:
        """Keeps the right facts in the place of the wrong ones, sealed anew: case and transcript."""
        agent, request = await self.counter.found(asked)
        self._require(request, Kind.RECTIFICATION)
        wish = await read_body(asked, Correction)
        case = await self._case(request, wish.case_id)
        topic = self.counter.content.get(case.merchant_id).topic(case.topic)
        fields = {key: value.strip() for key, value in wish.fields.items() if value.strip()}
        if problems := intake.problems(fields, topic):
            raise _form_wrong(problems)
        await self.counter.looked(agent, request, "corrected", case.conversation_id, "intake")
        place = Place(case.merchant_id, case.conversation_id, case.request_id, "intake")
        form = (await self.texts.form(case)).model_copy(update={"fields": fields})
        sealed = await self.texts.seal(place, form)
        marks = self.counter.blind.marks(case.merchant_id, form, topic)
        # The transcript first: if the store goes away in between, the same again sets both right.
        await self.counter.transcript.correct(place, sealed)
        with by_the_rules():
            self.notices.case_changed(await self.counter.cases.correct(case, sealed, marks))
            after = requests.corrected(request, self.counter.now())
            after = await self.counter.store.save(request, after)
        return JSONResponse(await self.counter.view(after))

    async def erase(self, asked: Asked) -> Response:
        """Begins the erasure of every conversation that was found; each ends with its receipt."""
        agent, request = await self.counter.found(asked)
        self._require(request, Kind.ERASURE)
        for conversation in request.conversations:
            await self.counter.note(agent.agent_id, request, "erased", conversation_id=conversation)
        begun = [
            str(await self.counter.transcript.erase(request.merchant_id, one, "merchant"))
            for one in request.conversations
        ]
        with by_the_rules():
            after = requests.erasing(request, begun, self.counter.now())
            after = await self.counter.store.save(request, after)
        return JSONResponse(await self.counter.view(after), 202)

    async def object(self, asked: Asked) -> Response:
        """Keeps that the questions of these conversations improve nothing any more."""
        agent, request = await self.counter.found(asked)
        self._require(request, Kind.OBJECTION)
        for conversation in request.conversations:
            await self.counter.note(
                agent.agent_id, request, "objected", conversation_id=conversation
            )
            await self.counter.transcript.set_objection(
                request.merchant_id, conversation, objects=True
            )
        with by_the_rules():
            after = requests.objected(request, self.counter.now())
            after = await self.counter.store.save(request, after)
        return JSONResponse(await self.counter.view(after))

    async def receipt(self, asked: Asked) -> Response:
        """The signed receipt of an erasure that this request began."""
        _, request = await self.counter.found(asked)
        erasure_id = path_uuid(asked, "erasure_id")
        if erasure_id is None or str(erasure_id) not in request.erasures:
            raise refused("unknown_request")
        made = await self.counter.transcript.receipt(erasure_id)
        headers = {"content-disposition": 'attachment; filename="erasure-receipt.json"'}
        return Response(made, media_type="application/json", headers=headers)

    def _require(self, request: Request, kind: Kind) -> None:
        if request.kind is not kind or request.state is not requests.State.IDENTIFIED:
            raise refused("request_state")

    async def _cases(self, request: Request, conversation_id: str) -> list[Case]:
        return await self.counter.cases.of_conversation(request.merchant_id, conversation_id)

    async def _case(self, request: Request, case_id: UUID) -> Case:
        case = await self.counter.cases.get(case_id)
        is_theirs = case is not None and case.conversation_id in request.conversations
        if case is None or not is_theirs or case.merchant_id != request.merchant_id:
            raise refused("unknown_case")
        return case

    async def _facts(self, agent: Agent, request: Request, case: Case) -> views.Json:
        await self.counter.looked(agent, request, "read", case.conversation_id, "intake")
        pack = self.counter.content.get(case.merchant_id)
        form, topic = await self.texts.form(case), pack.topic(case.topic)
        facts = [views.fact_view(fact) for fact in intake.read(form.fields, topic)]
        return {
            "case_id": str(case.case_id), "asked_at": case.queued_at.isoformat(), "facts": facts,
            "topic": topic.title if topic else {"en": case.topic},
        }  # fmt: skip


def _form_wrong(problems: dict[str, str]) -> Refused:
    status, code = 422, "form_wrong"
    said = ", ".join(f"{key} is {problem}" for key, problem in sorted(problems.items()))
    return Refused(status, code, "The form does not allow this.", f"correct: {said}.")


def _file(answer: httpx.Response, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-type": answer.headers["content-type"],
    }
    pieces: AsyncIterator[bytes] = passed_on(answer)
    return StreamingResponse(pieces, headers=headers)
