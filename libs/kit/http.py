"""HTTP edges: errors as JSON with cause and fix, security headers, the internal token, health."""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.kit.bus import AWAY
from libs.kit.errors import Refused
from libs.kit.metrics import CONTENT_TYPE, Readings, exposition

Check = Callable[[], Awaitable[str | None]]
"""A readiness check: None when all is well, otherwise the problem in a few words."""

SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}


def web_app(routes: list[BaseRoute], *, headers: Mapping[bytes, bytes] | None = None) -> Starlette:
    """An application whose errors and headers are those of the house; `headers` are added to all."""
    return Starlette(
        routes=routes,
        middleware=[Middleware(DefaultHeaders, SECURITY_HEADERS | dict(headers or {}))],
        exception_handlers={Refused: _refused, **dict.fromkeys(AWAY, _unavailable)},
    )


class DefaultHeaders:
    """Adds headers that a response does not set itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[bytes, bytes]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and completes the headers of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(k, v) for k, v in self._headers.items() if k not in present]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def bearer(request: Request) -> str:
    """The token of the Authorization header; raises Refused (401) when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(
            401, "token_missing", "This call needs a token.",
            "send the header `Authorization: Bearer <token>`.",
        )  # fmt: skip
    return token


def require_internal(request: Request, expected: str) -> None:
    """Lets only the house's own services through; raises Refused (401)."""
    if not hmac.compare_digest(bearer(request), expected):
        raise Refused(
            401, "token_wrong", "The internal token is wrong.",
            "give all services the same internal.token.",
        )  # fmt: skip


def health_routes(
    live: Callable[[], str | None],
    checks: Mapping[str, Check],
    alarms: Mapping[str, Check] | None = None,
    readings: Iterable[Readings] = (),
) -> list[BaseRoute]:
    """/livez (this process works), /readyz (all that it needs is there), /metrics and /version.

    `alarms` are told by /readyz, too, but the process stays ready: the fault is somewhere else.
    """

    async def livez(_request: Request) -> Response:
        problem = live()
        return JSONResponse({"live": problem is None, "problem": problem}, 503 if problem else 200)

    async def readyz(_request: Request) -> Response:
        results = {name: await check() for name, check in checks.items()}
        ready = not any(results.values())
        told = {name: await alarm() for name, alarm in (alarms or {}).items()} if ready else {}
        body = {"ready": ready, "problems": results, "alarms": told}
        return JSONResponse(body, 200 if ready else 503)

    async def show_version(_request: Request) -> Response:
        return JSONResponse({"version": version("prat")})

    async def metrics(_request: Request) -> Response:
        told = [reading for ask in readings for reading in await ask()]
        return Response(exposition(told), media_type=CONTENT_TYPE)

    return [
        Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics),
        Route("/version", show_version),
    ]  # fmt: skip


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return JSONResponse(error.as_json(), error.status, headers)


def _unavailable(_request: Request, _error: Exception) -> Response:
    away = Refused(
        503, "unavailable", "Something we need is away for a moment.", "try again in a few seconds."
    )
    return JSONResponse(away.as_json(), 503, headers={"retry-after": "2"})
