"""The application of the public port: the console's page, its addresses and its headers."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from libs.kit.http import web_app
from services.handoff.desk import Desk
from services.handoff.doorway import Doorway
from services.handoff.guard import CONSOLE_HEADERS

PAGE = Path(__file__).parent / "console"


def console(doorway: Doorway, desk: Desk) -> Starlette:
    """The agents' console: an origin of its own, locked by a strict content policy."""
    page = Mount("/", StaticFiles(directory=PAGE, html=True))
    return web_app([*doorway.routes(), *desk.routes(), page], headers=CONSOLE_HEADERS)
