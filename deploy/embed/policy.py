"""What a page's content security policy lets through (W3C CSP Level 3), as far as the chat needs it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
UPGRADES = {("http", "https"), ("ws", "wss"), ("http", "http"), ("ws", "ws")}
NEVER = "'none'"
TRUSTED = "'strict-dynamic'"


@dataclass(frozen=True)
class Policy:
    """One policy: its directives with their sources, and the page that it protects."""

    page: str
    directives: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, page: str) -> "Policy":
        """A policy as a header or a meta tag has it; the first directive of a name counts."""
        found: dict[str, tuple[str, ...]] = {}
        for part in text.split(";"):
            name, *sources = part.split() or [""]
            found.setdefault(name.lower(), tuple(sources))
        return cls(page, found)

    def governing(self, *names: str) -> str | None:
        """The directive that decides, the most special one first; None where none does."""
        return next((name for name in (*names, "default-src") if name in self.directives), None)

    def allows(self, directive: str | None, address: str) -> bool:
        """Whether an address may be loaded under a directive."""
        if directive is None:
            return True
        return any(_fits(one, address, self.page) for one in self.directives[directive])

    def allows_script(self, address: str, nonce: str, integrity: str) -> tuple[bool, bool]:
        """Whether a tag may load its script, and whether that script may import its modules."""
        directive = self.governing("script-src-elem", "script-src")
        sources = self.directives.get(directive or "", ())
        by_nonce = bool(nonce) and f"'nonce-{nonce}'" in sources
        by_hash = any(f"'{one}'" in sources for one in integrity.split())
        if TRUSTED in sources:
            return by_nonce or by_hash, by_nonce or by_hash
        by_address = self.allows(directive, address)
        return by_address or by_nonce or by_hash, by_address or by_nonce


def policies(texts: Iterable[str], page: str) -> list[Policy]:
    """All policies of a page; one header may hold several."""
    return [Policy.of(one, page) for text in texts for one in text.split(",") if one.strip()]


def _fits(source: str, address: str, page: str) -> bool:
    wanted, own = urlsplit(address), urlsplit(page)
    lowered = source.lower()
    if lowered == "'self'":
        schemes = {"http": {"http", "https", "ws", "wss"}, "https": {"https", "wss"}}
        same_host = (wanted.hostname, _port(address)) == (own.hostname, _port(page))
        return same_host and wanted.scheme in schemes.get(own.scheme, ())
    if lowered.startswith("'"):
        return False
    if source == "*":
        return wanted.scheme in PORTS
    if lowered.endswith(":") and "/" not in lowered:
        return _same_scheme(lowered[:-1], wanted.scheme)
    return _fits_host(source, address, own.scheme)


def _fits_host(source: str, address: str, own_scheme: str) -> bool:
    wanted = urlsplit(address)
    scheme, _, rest = source.rpartition("://")
    host, slash, path = rest.partition("/")
    name, _, port = host.partition(":")
    return (
        _same_scheme(scheme.lower() or own_scheme, wanted.scheme)
        and _same_host(name.lower(), wanted.hostname or "")
        and _same_port(port, wanted.scheme, _port(address))
        and _same_path(slash + path, wanted.path)
    )


def _same_scheme(given: str, wanted: str) -> bool:
    return given == wanted or (given, wanted) in UPGRADES


def _same_host(given: str, wanted: str) -> bool:
    return wanted.endswith(given[1:]) if given.startswith("*.") else given in (wanted, "*")


def _same_port(given: str, scheme: str, wanted: int | None) -> bool:
    return given == "*" or wanted == (int(given) if given.isdecimal() else PORTS.get(scheme))


def _same_path(given: str, wanted: str) -> bool:
    if given in ("", "/"):
        return True
    return wanted.startswith(given) if given.endswith("/") else wanted == given


def _port(address: str) -> int | None:
    parts = urlsplit(address)
    return parts.port or PORTS.get(parts.scheme)
