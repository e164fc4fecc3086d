"""The console's door: which requests come from our own page, who sends them, what they may carry."""

import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from libs.kit.errors import Refused
from services.handoff.accounts import Agent
from services.handoff.agents import Agents

BodyT = TypeVar("BodyT", bound=BaseModel)

NUMBER = re.compile("[0-9]{1,9}")
COOKIE = "prat_console"
OWN_HEADER = "x-prat-console"
MAX_BODY_BYTES = 64 * 1024
"""Room for the longest text with every character escaped."""

CONSOLE_HEADERS: Mapping[bytes, bytes] = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        b"img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        b"require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


def require_own_page(request: Request) -> None:
    """Refuses a change that another site's page asked this browser for (403).

    A foreign page cannot set our header without being asked about by a preflight, which nobody
    answers; the origin is checked as well. Programs send no Origin and have no cookie to steal.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get(OWN_HEADER) != "1":
        raise Refused(
            403, "foreign_page", "This request did not come from the console's own page.",
            "use the console, or send the header `x-prat-console: 1` from the same origin.",
        )  # fmt: skip


async def require_agent(request: Request, agents: Agents) -> Agent:
    """The agent who is logged in; raises Refused (401)."""
    agent = await agents.agent_of(request.cookies.get(COOKIE))
    if agent is None:
        raise Refused(401, "not_logged_in", "You are not logged in.", "log in again.")
    return agent


async def read_body(request: Request, body: type[BodyT]) -> BodyT:
    """The request's JSON; raises Refused (400, 413), and never quotes what was sent."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise Refused(413, "too_large", "The request is too large.", "send a shorter text.")
    try:
        return body.model_validate_json(bytes(raw))
    except ValidationError as error:
        fields = {".".join(map(str, detail["loc"])) for detail in error.errors(include_input=False)}
    raise Refused(
        400, "malformed", "The request is not what this address takes.",
        f"send JSON and correct: {', '.join(sorted(fields - {''})) or 'the syntax'}.",
    )  # fmt: skip


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
