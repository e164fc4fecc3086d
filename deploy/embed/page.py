"""What a page's HTML says of the chat: its tags, and the policies that stand in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from services.gateway.tags import SCRIPT_PATH


@dataclass(frozen=True)
class Tag:
    """One tag of the chat on a page, its address made complete."""

    src: str
    attributes: dict[str, str]

    @property
    def gateway(self) -> str:
        """The gateway's base address."""
        return self.src[: self.src.index("/widget/v1/")]

    @property
    def is_pinned(self) -> bool:
        """Whether the address names one version."""
        found = SCRIPT_PATH.match(urlsplit(self.src).path)
        return bool(found and found[2])


@dataclass
class Seen:
    """What was found in a page."""

    tags: list[Tag] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    has_tag_manager: bool = False


def look(html: str, address: str) -> Seen:
    """Reads a page as far as the chat is concerned."""
    reader = _Reader(address)
    reader.feed(html)
    return reader.seen


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._base = address
        self.seen = Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self._base = urljoin(self._base, given["href"])
        elif tag == "script":
            self._script(given)
        elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.seen.policies.append(given.get("content", ""))

    def _script(self, given: dict[str, str]) -> None:
        src = urljoin(self._base, given.get("src", ""))
        if "googletagmanager.com/" in src or "/gtm.js" in src:
            self.seen.has_tag_manager = True
        if given.get("src") and SCRIPT_PATH.match(urlsplit(src).path):
            self.seen.tags.append(Tag(src, given))
