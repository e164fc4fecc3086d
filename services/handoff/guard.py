"""The console's door: which requests come from our own page, who sends them, what they may carry."""

import re
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request

from libs.kit import page_guard
from libs.kit.errors import Refused
from services.handoff.accounts import Agent
from services.handoff.agents import Agents

BodyT = TypeVar("BodyT", bound=BaseModel)

NUMBER = re.compile("[0-9]{1,9}")
COOKIE = "prat_console"
OWN_HEADER = "x-prat-console"
MAX_BODY_BYTES = 64 * 1024
"""Room for the longest text with every character escaped."""

CONSOLE_HEADERS = page_guard.page_headers()


def require_own_page(request: Request) -> None:
    """Refuses a change that another site's page asked this browser for (403)."""
    page_guard.require_own_page(request, OWN_HEADER)


async def require_agent(request: Request, agents: Agents) -> Agent:
    """The agent who is logged in; raises Refused (401)."""
    agent = await agents.agent_of(request.cookies.get(COOKIE))
    if agent is None:
        raise Refused(401, "not_logged_in", "You are not logged in.", "log in again.")
    return agent


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
