"""The application of the public port: the console's page, its addresses and its headers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from libs.kit.http import web_app
from libs.kit.page_guard import page_files, page_headers

PAGE = Path(__file__).parent / "console"


class Room(Protocol):
    """A part of the console that has addresses."""

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""


def console(rooms: Iterable[Room]) -> Starlette:
    """The agents' console: an origin of its own, locked by a strict content policy."""
    routes = [route for room in rooms for route in room.routes()]
    return web_app([*routes, *page_files(PAGE)], headers=page_headers())
