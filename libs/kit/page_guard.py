"""The door of a page for people: what it may load, which requests are its own, what they carry."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from libs.kit.errors import Refused

BodyT = TypeVar("BodyT", bound=BaseModel)

SHARED = Path(__file__).parent / "page"
"""What every page's files have in common; a page finds it beside its own, as `shared/`."""


class LogInForm(BaseModel):
    """The log-in form; `code` is the second factor of who has one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    email: str
    password: str
    code: str = ""


def page_headers(
    *, foreign: str = "", socket: str = "", policy: str = "'none'"
) -> Mapping[bytes, bytes]:
    """The headers of a page: nothing runs but its own files.

    `foreign` is an origin whose scripts it may run and call, `socket` its address for sockets;
    `policy` names the Trusted Types policy by which the page loads them.
    """
    own = " ".join(part for part in ("'self'", foreign) if part)
    rules = (
        "default-src 'none'", f"script-src {own}", "style-src 'self'",
        f"connect-src {own} {socket}".rstrip(), "img-src 'self' data:", "base-uri 'none'",
        "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        f"trusted-types {policy}",
    )  # fmt: skip
    return {
        b"content-security-policy": "; ".join(rules).encode(),
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
    }


def require_own_page(request: Request, header: str) -> None:
    """Refuses a change that another site's page asked this browser for (403).

    A foreign page cannot set our header without being asked about by a preflight, which nobody
    answers; the origin is checked as well. Programs send no Origin and have no cookie to steal.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get(header) != "1":
        raise Refused(
            403, "foreign_page", "This request did not come from our own page.",
            f"use the page, or send the header `{header}: 1` from the same origin.",
        )  # fmt: skip


async def read_body(request: Request, body: type[BodyT], most_bytes: int) -> BodyT:
    """The request's JSON; raises Refused (400, 413), and never quotes what was sent."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most_bytes:
            raise Refused(413, "too_large", "The request is too large.", "send a shorter text.")
    try:
        return body.model_validate_json(bytes(raw))
    except ValidationError as error:
        fields = {".".join(map(str, detail["loc"])) for detail in error.errors(include_input=False)}
    raise Refused(
        400, "malformed", "The request is not what this address takes.",
        f"send JSON and correct: {', '.join(sorted(fields - {''})) or 'the syntax'}.",
    )  # fmt: skip


def page_files(folder: Path) -> list[BaseRoute]:
    """A page's own files, and beside them those that all pages share; the last of its routes."""
    return [
        Mount("/shared", StaticFiles(directory=SHARED)),
        Mount("/", StaticFiles(directory=folder, html=True)),
    ]
