"""The console's addresses for those who look after others: accounts of a shop, and its audit log."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit.errors import ConfigurationError, Refused
from libs.kit.mongo import Document
from services.handoff.accounts import agent_of
from services.handoff.administration import Administration, account_view
from services.handoff.doorway import Doorway
from services.handoff.guard import no_right, query_number, read_body
from services.handoff.rights import EVERY_MERCHANT, EVERY_SKILL, Agent, Right, Role

MOST_ENTRIES = 500
ResultT = TypeVar("ResultT")


class NewAccount(BaseModel):
    """Somebody who shall work for a shop."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    email: str
    name: str = ""
    merchant_id: str
    roles: list[str] = [Role.AGENT]
    skills: list[str] = [EVERY_SKILL]


class NewGrant(BaseModel):
    """What somebody is at a shop from now on; nothing there without a role."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    merchant_id: str
    roles: list[str]
    skills: list[str] = [EVERY_SKILL]


@dataclass(frozen=True)
class Oversight:
    """Accounts and the audit log, for who has the right at a shop; one method per address."""

    doorway: Doorway
    administration: Administration

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        one = "/api/accounts/{email}"
        return [
            Route("/api/audit", self.read_audit),
            Route("/api/audit/check", self.check_audit),
            Route("/api/accounts", self.accounts, methods=["GET"]),
            Route("/api/accounts", self.add, methods=["POST"]),
            Route(f"{one}/grant", self.grant, methods=["POST"]),
            Route(f"{one}/disable", self.disable, methods=["POST"]),
            Route(f"{one}/enable", self.enable, methods=["POST"]),
            Route(f"{one}/password", self.password, methods=["POST"]),
            Route(f"{one}/second-factor", self.enrol, methods=["POST"]),
        ]

    async def read_audit(self, request: Request) -> Response:
        """Who looked at what at a shop, the newest first: `merchant`, and `case`, `who`, `last`."""
        agent = await self.doorway.person(request)
        merchant = request.query_params.get("merchant", "")
        _require(agent, Right.READ_AUDIT, merchant)
        wanted = {
            "merchant_id": merchant, "case_id": request.query_params.get("case"),
            "who": request.query_params.get("who"),
        }  # fmt: skip
        last = min(query_number(request, "last") or MOST_ENTRIES, MOST_ENTRIES)
        found = await self.administration.audit.entries(
            {name: value for name, value in wanted.items() if value}, last
        )
        return JSONResponse({"entries": [_entry_view(row) for row in found]})

    async def check_audit(self, request: Request) -> Response:
        """Whether the whole log is as it was written: numbers of entries only, of no shop's content."""
        agent = await self.doorway.person(request)
        _require(agent, Right.READ_AUDIT, request.query_params.get("merchant", ""))
        check, head = await self.administration.audit.check()
        return JSONResponse({
            "entries": check.entries,
            "head": f"{head.seq}:{head.hash}" if head else None,
            "problems": [vars(problem) for problem in check.problems],
        })  # fmt: skip

    async def accounts(self, request: Request) -> Response:
        """The accounts that the asking person manages, with what they are at those shops."""
        agent = await self.doorway.person(request)
        everybody = await self.administration.agents.accounts.accounts()
        found = [view for one in everybody if (view := _seen_by(agent, one))["grants"]]
        return JSONResponse({"accounts": found})

    async def add(self, request: Request) -> Response:
        """Makes an account; its password is in the answer and nowhere else."""
        agent = await self.doorway.person(request)
        new = await read_body(request, NewAccount)
        _require_granting(agent, new.merchant_id, new.roles)
        password = await _understood(
            lambda: self._for(agent).add(
                new.email, new.name, new.merchant_id, new.roles, new.skills
            )
        )
        return JSONResponse({"email": new.email.lower(), "password": password}, 201)

    async def grant(self, request: Request) -> Response:
        """Says anew what somebody is at a shop; the person need not work for it yet."""
        agent = await self.doorway.person(request)
        email = _other(request, agent)
        new = await read_body(request, NewGrant)
        _require_granting(agent, new.merchant_id, new.roles)
        await _understood(
            lambda: self._for(agent).grant(email, new.merchant_id, new.roles, new.skills)
        )
        return JSONResponse({"email": email})

    async def disable(self, request: Request) -> Response:
        """Shuts somebody out."""
        email, desk = await self._managed(request)
        await desk.disable(email)
        return JSONResponse({"email": email, "disabled": True})

    async def enable(self, request: Request) -> Response:
        """Lets somebody in again."""
        email, desk = await self._managed(request)
        await desk.enable(email)
        return JSONResponse({"email": email, "disabled": False})

    async def password(self, request: Request) -> Response:
        """Gives somebody a new password, which is in the answer and nowhere else."""
        email, desk = await self._managed(request)
        return JSONResponse({"email": email, "password": await desk.new_password(email)})

    async def enrol(self, request: Request) -> Response:
        """Gives somebody, also oneself, a second factor; shown in the answer and nowhere else."""
        email, desk = await self._managed(request, also_oneself=True)
        given = await desk.enrol(email)
        return JSONResponse({"email": email, **vars(given), "squares": given.squares()})

    async def _managed(
        self, request: Request, *, also_oneself: bool = False
    ) -> tuple[str, Administration]:
        """An account all of whose shops the asking person manages: else it opens others' doors."""
        agent = await self.doorway.person(request)
        own = also_oneself and request.path_params["email"].lower() == agent.agent_id
        email = agent.agent_id if own else _other(request, agent)
        account = await self.administration.agents.accounts.account(email)
        if not own:
            grants = agent_of(account).grants if account else ()
            shops = {grant.merchant_id for grant in grants} or {EVERY_MERCHANT}
            for merchant_id in shops:
                _require(agent, Right.MANAGE_ACCOUNTS, merchant_id)
        if account is None:
            raise Refused(404, "unknown_account", "There is no such account.", "look at the list.")
        return email, self._for(agent)

    def _for(self, agent: Agent) -> Administration:
        return replace(self.administration, who=agent.agent_id)


def _other(request: Request, agent: Agent) -> str:
    """The account of the address: nobody changes what oneself may do."""
    email = str(request.path_params["email"]).lower()
    if email == agent.agent_id:
        raise Refused(403, "own_account", "This is your own account.", "ask another admin.")
    return email


def _require(agent: Agent, right: Right, merchant_id: str) -> None:
    if not agent.may(right, merchant_id):
        raise no_right()


def _require_granting(agent: Agent, merchant_id: str, roles: list[str]) -> None:
    _require(agent, Right.MANAGE_ACCOUNTS, merchant_id)
    if Role.OPERATOR in roles:
        _require(agent, Right.MANAGE_ACCOUNTS, EVERY_MERCHANT)


async def _understood(work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    try:
        return await work()
    except ConfigurationError as error:
        raise Refused(400, "not_possible", error.cause, error.fix) from None


def _seen_by(agent: Agent, account: Document) -> dict[str, Any]:
    view = account_view(account)
    managed = [g for g in view["grants"] if agent.may(Right.MANAGE_ACCOUNTS, g["merchant_id"])]
    return view | {"grants": managed}


def _entry_view(row: Document) -> dict[str, Any]:
    names = ("who", "what", "case_id", "about", "fields")
    return {"seq": row["_id"], "at": row["at"].isoformat()} | {name: row[name] for name in names}
