"""Whether the chat will work on a shop's page: everything that the page and the gateway tell of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

import httpx

from deploy.embed.page import Seen, Tag, look
from deploy.embed.policy import TRUSTED, Policy, policies
from services.gateway.files import WidgetFile
from services.gateway.tags import option_rules

PATIENCE = 10.0
LONGEST_PAGE = 5_000_000
ENFORCED, REPORTED = "content-security-policy", "content-security-policy-report-only"


class State(StrEnum):
    """How a check came out."""

    FINE = "ok"
    HINT = "hint"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; a hint works, a fault does not."""

    check: str
    state: State
    message: str
    fix: str = ""


class Unreachable(Exception):
    """The page itself could not be read; the text says why."""


class EmbedCheck:
    """Looks at one page; `client` is what the calls go by."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def run(self, address: str) -> list[Finding]:
        """Every finding, in the order in which a person would look; raises Unreachable."""
        answer = self._page(address)
        seen = look(answer.text, str(answer.url))
        if not seen.tags:
            return [_no_tag(seen)]
        texts = [*answer.headers.get_list(ENFORCED), *seen.policies]
        found = policies(texts, str(answer.url))
        return [*self._tag(seen.tags, str(answer.url)), *_policy(seen.tags[0], found)]

    def _page(self, address: str) -> httpx.Response:
        try:
            answer = self._client.get(address)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"The page does not answer ({type(error).__name__}).") from None
        if answer.is_error:
            raise Unreachable(f"The page answers with status {answer.status_code}.")
        if (
            "html" not in answer.headers.get("content-type", "")
            or len(answer.content) > LONGEST_PAGE
        ):
            raise Unreachable("What answers is not a page of HTML.")
        return answer

    def _tag(self, tags: list[Tag], page: str) -> Iterator[Finding]:
        first = tags[0]
        yield Finding("tag", State.FINE, f"The tag is there: {first.src}")
        if len(tags) > 1:
            yield Finding(
                "duplicates", State.HINT, f"The tag is there {len(tags)} times; the first counts.",
                "remove the others.",
            )  # fmt: skip
        yield from _options(first)
        if urlsplit(page).scheme == "https" and urlsplit(first.src).scheme == "http":
            yield Finding(
                "mixed content", State.FAULT, "The page is https, the tag's address is http.",
                "write https:// in the tag's src.",
            )  # fmt: skip
            return
        yield from self._loader(first)
        yield self._merchant(first, page)

    def _loader(self, tag: Tag) -> Iterator[Finding]:
        try:
            answer = self._client.get(tag.src)
        except httpx.HTTPError as error:
            yield Finding(
                "gateway", State.FAULT, f"The gateway does not answer ({type(error).__name__}).",
                "check the host in the tag's src.",
            )  # fmt: skip
            return
        if answer.is_error or "javascript" not in answer.headers.get("content-type", ""):
            yield Finding(
                "gateway", State.FAULT, f"No loader at the tag's address (status {answer.status_code}).",
                "print a new tag with `prat widget tag`.",
            )  # fmt: skip
            return
        yield Finding("gateway", State.FINE, "The gateway answers with the loader.")
        yield from _integrity(tag, answer.content)

    def _merchant(self, tag: Tag, page: str) -> Finding:
        merchant = _option(tag, "data-merchant")
        if not merchant:
            return Finding(
                "merchant", State.FAULT, "The tag names no merchant.",
                'add data-merchant="…" with the shop\'s id.',
            )  # fmt: skip
        origin = _origin(page)
        try:
            answer = self._client.get(
                f"{tag.gateway}/v1/merchants/{merchant}", headers={"origin": origin}
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return Finding("merchant", State.FAULT, "The gateway does not answer.", "start it.")
        if answer.status_code == httpx.codes.FORBIDDEN:
            return Finding(
                "origin", State.FAULT, f"{origin} is not one of the shop's own origins.",
                f"add `{origin}` to `origins` in {merchant}'s merchant.yaml and publish again.",
            )  # fmt: skip
        if answer.is_error:
            return Finding(
                "merchant", State.FAULT, f'The gateway does not know the merchant "{merchant}".',
                "check data-merchant, or publish the shop's content.",
            )  # fmt: skip
        return Finding("merchant", State.FINE, f"The shop {merchant} is known and allows {origin}.")


def _no_tag(seen: Seen) -> Finding:
    if seen.has_tag_manager:
        return Finding(
            "tag", State.FAULT, "The tag is not in the HTML; a tag manager may add it in the browser.",
            "see it in the browser; ad blockers may stop tag managers, so put it into the page if you can.",
        )  # fmt: skip
    return Finding(
        "tag", State.FAULT, "The page has no tag of the chat.",
        "print one with `prat widget tag --merchant …` and put it before </body>.",
    )  # fmt: skip


def _option(tag: Tag, name: str) -> str:
    asked = dict(parse_qsl(urlsplit(tag.src).query))
    return tag.attributes.get(name) or asked.get(name.removeprefix("data-"), "")


def _options(tag: Tag) -> Iterator[Finding]:
    rules = option_rules()
    if not tag.attributes.keys() & {"async", "defer"}:
        yield Finding("async", State.HINT, "The tag holds up the page.", "add the attribute async.")
    for name, value in tag.attributes.items():
        if name in rules and not rules[name].search(value):
            yield Finding(
                "options", State.FAULT, f'{name}="{value}" is not valid and is left out.',
                "see the options in docs/embedding.md.",
            )  # fmt: skip
        elif name.startswith("data-") and name not in rules:
            yield Finding(
                "options", State.HINT, f"The chat knows no option {name}.",
                f"it may belong to somebody else; the chat's are {', '.join(rules)}.",
            )  # fmt: skip


def _integrity(tag: Tag, content: bytes) -> Iterator[Finding]:
    wanted = tag.attributes.get("integrity", "").split()
    if not wanted:
        return
    if WidgetFile.of(content.decode()).integrity not in wanted:
        yield Finding(
            "integrity", State.FAULT, "The loader's hash is not the one in the tag.",
            "print a new tag with `prat widget tag --pinned`.",
        )  # fmt: skip
    elif "crossorigin" not in tag.attributes:
        yield Finding(
            "integrity", State.FAULT, "Browsers cannot check the hash without crossorigin.",
            'add crossorigin="anonymous".',
        )  # fmt: skip
    elif not tag.is_pinned:
        yield Finding(
            "integrity", State.HINT, "The hash fits now, but this address changes with the next release.",
            "print a new tag with `prat widget tag --pinned`.",
        )  # fmt: skip
    else:
        yield Finding("integrity", State.FINE, "The loader's hash is the one in the tag.")


def _policy(tag: Tag, found: list[Policy]) -> Iterator[Finding]:
    faults = [fault for policy in found for fault in _policy_faults(tag, policy)]
    yield from faults
    if not faults:
        told = "lets the chat through" if found else "is not set"
        yield Finding("policy", State.FINE, f"The page's content security policy {told}.")


def _policy_faults(tag: Tag, policy: Policy) -> Iterator[Finding]:
    host = _origin(tag.src)
    nonce, integrity = tag.attributes.get("nonce", ""), tag.attributes.get("integrity", "")
    loads, imports = policy.allows_script(tag.src, nonce, integrity)
    script = policy.governing("script-src-elem", "script-src")
    if not (loads and imports):
        is_strict = TRUSTED in policy.directives.get(script or "", ())
        what = "loader" if not loads else "loader's modules"
        yield Finding(
            "policy", State.FAULT, f"{script} stops the {what}.",
            "give the tag the page's nonce." if is_strict else f"add {host} to script-src.",
        )  # fmt: skip
    connect = policy.governing("connect-src")
    missing = [
        one for one in (host, host.replace("http", "ws", 1))
        if not policy.allows(connect, f"{one}/v1/socket")
    ]  # fmt: skip
    if missing:
        yield Finding(
            "policy", State.FAULT, f"{connect} stops the chat's calls.",
            f"add {' '.join(missing)} to connect-src.",
        )  # fmt: skip
    if "sandbox" in policy.directives and "allow-scripts" not in policy.directives["sandbox"]:
        yield Finding("policy", State.FAULT, "sandbox stops all scripts.", "add allow-scripts.")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
