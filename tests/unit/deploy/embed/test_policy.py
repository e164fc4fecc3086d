"""What a content security policy lets through, as browsers have it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.embed.policy import Policy, policies

PAGE = "https://shop.example/telt"
LOADER = "https://chat.example/widget/v1/loader.js"
SOCKET = "wss://chat.example/v1/socket"


@pytest.mark.parametrize(
    ("source", "address", "is_allowed"),
    [
        ("https://chat.example", LOADER, True), ("chat.example", LOADER, True),
        ("HTTPS://CHAT.EXAMPLE", LOADER, True), ("http://chat.example", LOADER, True),
        ("*.example", LOADER, True), ("*", LOADER, True), ("https:", LOADER, True),
        ("https://chat.example:443", LOADER, True), ("https://chat.example:*", LOADER, True),
        ("https://chat.example/widget/v1/", LOADER, True), (f"{LOADER}", LOADER, True),
        ("https://chat.example/widget", LOADER, False), ("https://chat.example:8443", LOADER, False),
        ("*.chat.example", LOADER, False), ("https://shop.example", LOADER, False),
        ("'self'", LOADER, False), ("'none'", LOADER, False), ("data:", LOADER, False),
        ("'unsafe-inline'", LOADER, False), ("wss:", LOADER, False),
        ("https://chat.example", SOCKET, False), ("wss://chat.example", SOCKET, True),
        ("ws://chat.example", SOCKET, True), ("wss:", SOCKET, True), ("*", SOCKET, True),
        ("'self'", "wss://shop.example/v1/socket", True), ("'self'", "http://shop.example/", False),
    ],
)  # fmt: skip
def test_a_source_fits_or_does_not(source: str, address: str, is_allowed: bool) -> None:
    policy = Policy.of(f"connect-src {source}", PAGE)
    assert policy.allows("connect-src", address) is is_allowed


def test_the_most_special_directive_decides_and_the_first_of_its_name() -> None:
    policy = Policy.of("default-src *; script-src 'none'; script-src *; script-src-elem *", PAGE)
    assert policy.governing("script-src-elem", "script-src") == "script-src-elem"
    assert policy.directives["script-src"] == ("'none'",)
    assert Policy.of("img-src *", PAGE).governing("connect-src") is None


@pytest.mark.parametrize(
    ("sources", "outcome"),
    [
        ("'nonce-n'", (True, True)), ("'nonce-x'", (False, False)),
        ("'nonce-n' 'strict-dynamic'", (True, True)),
        ("https://chat.example 'strict-dynamic'", (False, False)),
        ("'sha384-h'", (True, False)), ("'sha384-h' 'strict-dynamic'", (True, True)),
        ("https://chat.example", (True, True)),
    ],
)  # fmt: skip
def test_nonces_hashes_and_trust_that_is_handed_on(
    sources: str, outcome: tuple[bool, bool]
) -> None:
    policy = Policy.of(f"script-src {sources}", PAGE)
    assert policy.allows_script(LOADER, "n", "sha384-h") == outcome


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_read_as_some_policy(text: str, source: str) -> None:
    for policy in policies([f"{text}; connect-src {source}"], PAGE):
        policy.allows(policy.governing("connect-src"), SOCKET)
        policy.allows_script(LOADER, "", "")
