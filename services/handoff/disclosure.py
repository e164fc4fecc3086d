"""Handoff's internal address for the visitor's download: the cases of a conversation, and who looked."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from libs.contracts.casefile import CaseFile, CaseRecord, Look
from libs.kit.audit import Audit
from libs.kit.http import require_internal
from libs.kit.mongo import Document
from services.handoff.case import Case, Status
from services.handoff.reads import CaseReads


@dataclass(frozen=True)
class Disclosure:
    """What retention asks for; it needs the internal token."""

    cases: CaseReads
    audit: Audit
    token: str

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [Route("/internal/conversations/{conversation_id}/casefile", self.casefile)]

    async def casefile(self, request: Request) -> Response:
        """The cases of a conversation at `?merchant_id=`, their forms still sealed, and every look."""
        require_internal(request, self.token)
        whose = request.query_params.get("merchant_id", ""), request.path_params["conversation_id"]
        cases = await self.cases.of_conversation(*whose)
        looks = await self.audit.looks(*whose)
        told = CaseFile(cases=tuple(map(_record, cases)), looks=tuple(map(_look, looks)))
        return Response(told.model_dump_json(), media_type="application/json")


def _record(case: Case) -> CaseRecord:
    known = vars(case) | {"ended_at": case.changed_at if case.status is Status.CLOSED else None}
    return CaseRecord.model_validate({name: known[name] for name in CaseRecord.model_fields})


def _look(row: Document) -> Look:
    """Without the name: visitors learn in which role somebody looked, not who."""
    # Entries of an older version do not say in which role.
    roles = tuple(row.get("roles", ()))
    return Look(at=row["at"], roles=roles, what=row["what"], fields=tuple(row["fields"]))
