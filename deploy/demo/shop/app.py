"""One shop as a web application: pages, feed and order system, behind a strict policy."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.demo.helpdesk.mirror import Mirror
from deploy.demo.shop.account import METHODS, Session, open_counter
from deploy.demo.shop.catalogue import HERE, feed, load_shop
from deploy.demo.shop.helpdesk import CaseDesk
from deploy.demo.shop.orders import OrderBook
from deploy.demo.shop.pages import Pages, theme
from deploy.demo.shop.settings import ShopSettings
from deploy.demo.shop.webhook import BODY_LIMIT, Answer, WebhookDesk, read_secret, refusal

Endpoint = Callable[[Request], Awaitable[Response]]


def content_security_policy(settings: ShopSettings) -> str:
    """The policy of every page: our own files, the chat's gateway and the event strip."""
    gateway = settings.gateway_url
    socket = gateway.replace("http", "ws", 1)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {gateway}",
            "style-src 'self'",
            f"connect-src 'self' {gateway} {socket} {settings.strip_url}",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class SafetyHeaders:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "cross-origin-opener-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and put the headers on what comes back."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, with_headers)


async def limited_body(request: Request, limit: int) -> bytes:
    """The body, read no further than one byte past `limit`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return body[: limit + 1]
    return body


def _json(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status, {"cache-control": "no-store"})


def webhook_endpoint(desk: WebhookDesk | CaseDesk) -> Endpoint:
    """POST /prat/webhook (orders) and /prat/cases."""

    async def webhook(request: Request) -> Response:
        body = await limited_body(request, BODY_LIMIT)
        return _json(desk.answer(request.headers, body))

    return webhook


def page_endpoints(pages: Pages) -> tuple[Endpoint, Endpoint, Endpoint, Endpoint]:
    """The front page, a product's page, the privacy notice and the pages of help."""

    def lang(request: Request) -> str:
        return pages.language(request.query_params.get("lang"))

    async def home(request: Request) -> Response:
        department = request.query_params.get("department")
        return HTMLResponse(pages.home(lang(request), department))

    async def product(request: Request) -> Response:
        page = pages.product(lang(request), request.path_params["slug"])
        if page is None:
            raise HTTPException(404)
        return HTMLResponse(page)

    async def privacy(request: Request) -> Response:
        return HTMLResponse(pages.privacy(lang(request)))

    async def help_page(request: Request) -> Response:
        page = pages.help(lang(request), request.path_params["name"])
        if page is None:
            raise HTTPException(404)
        return HTMLResponse(page)

    return home, product, privacy, help_page


def error_endpoint(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Errors: a page for people who browse, JSON for everybody else."""

    async def on_error(request: Request, exc: Exception) -> Response:
        status = exc.status_code if isinstance(exc, HTTPException) else 500
        if status == HTTPStatus.NOT_FOUND and "text/html" in request.headers.get("accept", ""):
            lang = pages.language(request.query_params.get("lang"))
            return HTMLResponse(pages.not_found(lang), status)
        known = {
            404: refusal(404, "not_found", "There is nothing at this address."),
            405: refusal(405, "method_not_allowed", "Look-ups are sent to /prat/webhook by POST."),
        }
        return _json(known.get(status, refusal(status, "refused", "The request is refused.")))

    return on_error


def helpdesk_endpoint(desk: CaseDesk) -> Endpoint:
    """The page with the shop's cases."""

    async def helpdesk(_request: Request) -> Response:
        return HTMLResponse(desk.page(), headers={"cache-control": "no-store"})

    return helpdesk


async def healthz(_request: Request) -> Response:
    """The process is up."""
    return JSONResponse({"status": "ok"})


def _text(content: str, media_type: str) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return Response(content, media_type=media_type)

    return endpoint


def create_app(merchant: str, settings: ShopSettings, order_book: Path) -> Starlette:
    """The shop of `merchant`; its order book is generated at `order_book`."""
    shop = load_shop(merchant)
    orders = OrderBook(order_book)
    orders.create(shop)
    secret = read_secret(settings.secrets_dir, merchant)
    desk = WebhookDesk(secret, merchant, orders)
    cases = CaseDesk(secret, merchant, Mirror(order_book.with_suffix(".cases")))
    feed_text = feed(merchant, settings.shop_url(merchant))
    pages = Pages(shop, settings, feed_text)
    home, product, privacy, help_page = page_endpoints(pages)
    counter = open_counter(settings.secrets_dir, merchant, shop.customer)
    log_in = [Route("/session", Session(counter).answer, methods=METHODS)] if counter else []
    return Starlette(
        routes=[
            Route("/", home),
            Route("/products/{slug}", product),
            Route("/privacy", privacy),
            Route("/feed.xml", _text(feed_text, "application/rss+xml")),
            Route("/theme.css", _text(theme(shop), "text/css")),
            Route("/prat/webhook", webhook_endpoint(desk), methods=["POST"]),
            Route("/prat/cases", webhook_endpoint(cases), methods=["POST"]),
            Route("/helpdesk", helpdesk_endpoint(cases)),
            Route("/healthz", healthz),
            *log_in,
            Route("/{name}", help_page),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(SafetyHeaders, policy=content_security_policy(settings))],
        exception_handlers={HTTPException: error_endpoint(pages)},
    )
