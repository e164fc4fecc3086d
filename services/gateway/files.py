"""The widget's files as they leave the house: without comments and indentation, compressed once."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^[ \t]+|^\n", re.MULTILINE)

HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=300",
    "vary": "accept-encoding",
}


def slim(source: str) -> str:
    """A script without its comments on lines of their own and without indentation; lines stay lines,
    so that nothing changes its meaning and an error still names a place one can find.
    """
    return INDENT.sub("", COMMENT.sub("", source))


@dataclass(frozen=True)
class WidgetFile:
    """One script, ready to be sent."""

    plain: bytes
    packed: bytes
    etag: str

    @classmethod
    def read(cls, path: Path) -> "WidgetFile":
        """The file at `path`, slimmed; compressed without a time, so that equal is equal."""
        plain = slim(path.read_text()).encode()
        packed = gzip.compress(plain, 9, mtime=0)
        return cls(plain, packed, f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"')


class WidgetFiles:
    """Serves the scripts in a folder from memory: public, for every page that embeds them."""

    def __init__(self, directory: Path) -> None:
        self.files = {
            path.relative_to(directory).as_posix(): WidgetFile.read(path)
            for path in directory.rglob("*.js")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers GET and HEAD for a file there is; everything else is not found."""
        request = Request(scope)
        name = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).lstrip("/")
        file = self.files.get(name)
        if file is None or request.method not in ("GET", "HEAD"):
            raise HTTPException(404)
        await _answer(file, request)(scope, receive, send)


def _answer(file: WidgetFile, request: Request) -> Response:
    headers = {**HEADERS, "etag": file.etag}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    packs = "gzip" in request.headers.get("accept-encoding", "")
    if packs:
        headers["content-encoding"] = "gzip"
    return Response(file.packed if packs else file.plain, 200, headers, "text/javascript")
