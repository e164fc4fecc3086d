"""What a request to the console may carry: a body, an id, a number."""

import re
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request

from libs.kit import page_guard
from libs.kit.errors import Refused
from services.handoff.case import Case
from services.handoff.rights import Agent, Right

BodyT = TypeVar("BodyT", bound=BaseModel)

NUMBER = re.compile("[0-9]{1,9}")
MAX_BODY_BYTES = 64 * 1024
"""Room for the longest text with every character escaped."""


async def read_body(request: Request, body: type[BodyT]) -> BodyT:
    """The request's JSON; raises Refused (400, 413), and never quotes what was sent."""
    return await page_guard.read_body(request, body, MAX_BODY_BYTES)


def path_uuid(request: Request, name: str) -> UUID | None:
    """The id in the address, or None when it cannot be one."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        return None


def query_number(request: Request, name: str) -> int:
    """A whole number of the address's query; 0 when there is none or it is not one."""
    text = request.query_params.get(name, "")
    return int(text) if NUMBER.fullmatch(text) else 0


def require(agent: Agent, right: Right, case: Case) -> None:
    """Refuses (403) what the agent's roles at the case's merchant do not allow."""
    if not agent.may_do(right, case):
        raise no_right()


def require_reading(agent: Agent, case: Case) -> None:
    """Refuses (403) a case whose texts are not for this agent: a colleague owns it."""
    if not agent.may_read(case):
        raise no_right()


def require_erasing(agent: Agent, case: Case) -> None:
    """Refuses (403) an erasure that is not this agent's to start."""
    if not agent.may_erase(case):
        raise no_right()


def no_right() -> Refused:
    """What is answered to a person whose roles do not allow something."""
    return Refused(
        403, "no_right", "Your role does not allow this.",
        "ask a supervisor, or whoever manages the accounts of this shop.",
    )  # fmt: skip
