"""The widget's files as they leave the house: without comments and indentation, compressed once."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.words import word_files

WIDGET = Path(__file__).parent / "widget"
RELEASES = Path(__file__).parent / "releases"
LOADER = "loader.js"

COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^[ \t]+|^\n", re.MULTILINE)

SHORT = "public, max-age=300"
FOR_EVER = "public, max-age=31536000, immutable"
HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
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
    media_type: str = "text/javascript"
    keep: str = SHORT

    @classmethod
    def of(cls, text: str, media_type: str = "text/javascript", keep: str = SHORT) -> "WidgetFile":
        """A text as it is sent; compressed without a time, so that equal is equal."""
        plain = text.encode()
        packed = gzip.compress(plain, 9, mtime=0)
        etag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
        return cls(plain, packed, etag, media_type, keep)

    @property
    def version(self) -> str:
        """The hash of the content, as it stands in the address of a pinned loader."""
        return hashlib.sha384(self.plain).hexdigest()[:16]

    @property
    def integrity(self) -> str:
        """The hash of the content, as a tag's `integrity` has it."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.plain).digest()).decode()}"


def widget_files(directory: Path = WIDGET, releases: Path = RELEASES) -> dict[str, WidgetFile]:
    """Everything there is below /widget/v1/, by its path: scripts, types, and loaders by their hash."""
    scripts = {
        path.relative_to(directory).as_posix(): WidgetFile.of(slim(path.read_text()))
        for path in directory.rglob("*.js")
    }
    words = {name: WidgetFile.of(text) for name, text in word_files(directory / "words").items()}
    types = {path.name: _types(path) for path in directory.glob("*.d.ts")}
    pinned = _pinned([*_released(releases), scripts[LOADER].plain.decode()])
    return scripts | words | types | pinned | {"loader.json": _named(scripts[LOADER])}


class WidgetFiles:
    """Serves the widget's files from memory: public, for every page that embeds them."""

    def __init__(self, directory: Path = WIDGET) -> None:
        self.files = widget_files(directory)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers GET and HEAD for a file there is; everything else is not found."""
        request = Request(scope)
        name = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).lstrip("/")
        file = self.files.get(name)
        if file is None or request.method not in ("GET", "HEAD"):
            raise HTTPException(404)
        await _answer(file, request)(scope, receive, send)


def _types(path: Path) -> WidgetFile:
    return WidgetFile.of(path.read_text(), "text/plain; charset=utf-8")


def _released(releases: Path) -> list[str]:
    return [path.read_text() for path in sorted(releases.glob("*.js"))]


def _pinned(loaders: list[str]) -> dict[str, WidgetFile]:
    """Loaders at addresses that name their content: what was pinned once goes on loading."""
    files = [WidgetFile.of(text, keep=FOR_EVER) for text in loaders]
    return {f"{file.version}/{LOADER}": file for file in files}


def _named(loader: WidgetFile) -> WidgetFile:
    """What a pinned tag of today's loader needs, for pages that make tags."""
    told = {"src": f"{loader.version}/{LOADER}", "integrity": loader.integrity}
    return WidgetFile.of(json.dumps(told), "application/json")


def _answer(file: WidgetFile, request: Request) -> Response:
    headers = {**HEADERS, "etag": file.etag, "cache-control": file.keep}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    packs = "gzip" in request.headers.get("accept-encoding", "")
    if packs:
        headers["content-encoding"] = "gzip"
    return Response(file.packed if packs else file.plain, 200, headers, file.media_type)
