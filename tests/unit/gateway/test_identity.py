"""Who the shop says the visitor is: what is believed, what is refused, and that a refusal changes nothing."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.contracts.bodies import Customer, IntakeBody, PageContext
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import VisitorIdentified
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.http import web_app
from libs.privacy.sealing import Place
from services.gateway.domain import Ownership, page_context
from services.gateway.frames import parse
from services.gateway.identity import customer_in, parse_keys
from services.gateway.routes import GatewayRoutes
from tests.builders import NOW, ORIGIN
from tests.unit.gateway.test_visit import Tabbed

KEY, OLD = "k" * 43, "o" * 43
KEYS = {"new": KEY, "old": OLD}
AT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "sub": "kunde-1042", "name": "Kari Nordmann", "email": "kari@kunde.example",
    "iat": AT - 10, "exp": AT + 600, "aud": "prat", "merchant": "fjellbekk",
}  # fmt: skip


def part(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def token(key: str = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token as docs/embedding.md has it made: without a library."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else header
    signed = f"{part(head)}.{part({**CLAIMS, **claims})}"
    return f"{signed}.{part(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())}"


def read(text: str) -> Customer:
    return customer_in(text, KEYS, "fjellbekk", NOW)


def code(text: str) -> str:
    with pytest.raises(Refused) as refused:
        read(text)
    assert "kari" not in str(refused.value.as_json()).lower()
    return refused.value.code


def test_a_signed_customer_is_believed_by_either_key_while_two_are_live() -> None:
    customer = Customer(sub="kunde-1042", name="Kari Nordmann", email="kari@kunde.example")
    assert read(token()) == customer
    assert read(token(OLD, {"alg": "HS256", "kid": "old"})) == customer
    assert read(token(email=None, name=None, basket="is not read")) == Customer(sub="kunde-1042")


WRONG: dict[str, Callable[[], str]] = {
    "another key": lambda: token("x" * 43),
    "the old key without its id": lambda: token(OLD),
    "an unknown key id": lambda: token(header={"alg": "HS256", "kid": "gone"}),
    "alg none": lambda: f"{part({'alg': 'none'})}.{part(CLAIMS)}.",
    "alg none, signed": lambda: token(header={"alg": "none"}),
    "another algorithm": lambda: token(header={"alg": "HS512"}),
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "a short signature": lambda: token()[:-4],
    "changed claims": lambda: re.sub(r"\..*\.", f".{part({**CLAIMS, 'sub': '2'})}.", token()),
    "another merchant's": lambda: token(merchant="havsro"),
    "no token": lambda: "a.b.c",
    "nothing": lambda: "",
    "not ASCII": lambda: "å.ø.æ",
    "a critical header": lambda: token(header={"alg": "HS256", "crit": ["x"], "x": 1}),
    "a list as header": lambda: f"{part([])}.{part(CLAIMS)}.{part(b'x')}",
    "a dictionary as key id": lambda: token(header={"alg": "HS256", "kid": {"$ne": ""}}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_the_shop_has_not_signed_is_refused(name: str) -> None:
    assert code(WRONG[name]()) == "identity_wrong"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "another"}, "identity_malformed"), ({"aud": ["prat"]}, "identity_malformed"),
        ({"sub": ""}, "identity_malformed"), ({"sub": {"$ne": ""}}, "identity_malformed"),
        ({"sub": "s" * 129}, "identity_malformed"), ({"email": "no address"}, "identity_malformed"),
        ({"name": "n" * 121}, "identity_malformed"), ({"exp": str(AT + 60)}, "identity_malformed"),
        ({"exp": True}, "identity_malformed"), ({"exp": AT + 3601 - 10}, "identity_malformed"),
        ({"exp": AT - 20}, "identity_malformed"),
        ({"iat": AT + 61, "exp": AT + 600}, "identity_malformed"),
        ({"name": "n" * 5000}, "identity_malformed"),
        ({"exp": AT}, "identity_expired"), ({"iat": AT - 900, "exp": AT - 1}, "identity_expired"),
    ],
)  # fmt: skip
def test_claims_have_their_shape_and_their_hour(claims: dict[str, Any], told: str) -> None:
    assert code(token(**claims)) == told


@given(st.text(max_size=200))
def test_any_text_is_refused_with_a_code(text: str) -> None:
    assert code(text) == "identity_wrong"


@pytest.mark.parametrize("text", ["", "short key", "a b c", f"id {'k' * 31}", f"i d {'k' * 40}"])
def test_a_faulty_key_file_names_its_fix(text: str) -> None:
    with pytest.raises(ConfigurationError, match="key id"):
        parse_keys(text)


def test_the_first_key_signs_now() -> None:
    assert list(parse_keys(f"new {KEY}\n\n old {OLD}\n").items()) == [("new", KEY), ("old", OLD)]


@pytest.fixture
def tabbed(tmp_path: Path) -> Tabbed:
    """A visitor of a shop that signs."""
    (tmp_path / "identity-fjellbekk.keys").write_text(f"new {KEY}\n")
    made = Tabbed(Ownership())
    made.door.settings.secrets_dir = tmp_path
    return made


def form(**more: Any) -> dict[str, Any]:
    fields = {"order_number": "10482217"}
    return {"type": "handoff", "client_id": str(uuid4()), "topic": "track_parcel", "locale": "nb",
            "fields": fields, **more}  # fmt: skip


async def intake(tabbed: Tabbed, **more: Any) -> IntakeBody:
    """The form as the agent will open it."""
    event = await tabbed.door.fill_in(tabbed.tab.session, parse(json.dumps(form(**more))))  # type: ignore[arg-type]
    assert event.intake.purpose is Purpose.CASE
    return await tabbed.door.ring.open(Place.of(event, "intake"), event.intake, IntakeBody)


async def test_the_customer_is_told_sealed_and_goes_with_the_form(tabbed: Tabbed) -> None:
    assert (await intake(tabbed)).customer is None
    await tabbed.door.identify(tabbed.tab.session, token())
    kept = tabbed.store.kept[tabbed.id].customer
    assert kept is not None
    assert kept.purpose is Purpose.CASE
    assert "Kari" not in kept.model_dump_json()
    (told,) = tabbed.bus.events
    assert isinstance(told, VisitorIdentified)
    assert told.customer.purpose is Purpose.CASE
    assert "Kari" not in told.model_dump_json()
    place = Place.of(told, "customer")
    assert await tabbed.door.ring.open(place, told.customer, Customer) == (
        await tabbed.door.customer(tabbed.id)
    )
    await tabbed.door.identify(tabbed.tab.session, token(iat=AT - 1))
    assert tabbed.bus.events == [told], "the same word again is no news"
    customer = (await intake(tabbed)).customer
    assert customer == Customer(sub="kunde-1042", name="Kari Nordmann", email="kari@kunde.example")


async def test_a_refused_token_changes_nothing(tabbed: Tabbed) -> None:
    session = tabbed.tab.session
    await tabbed.door.identify(session, token())
    before = tabbed.store.kept[tabbed.id]
    for bad, told in (
        (token(sub="somebody-else"), "another_customer"), (token(exp=AT), "identity_expired"),
        (token("x" * 43), "identity_wrong"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await tabbed.door.identify(session, bad)
        assert refused.value.code == told
    assert tabbed.store.kept[tabbed.id] is before
    await tabbed.door.identify(session, token(name="Kari Ny"))
    assert (await intake(tabbed)).customer == Customer(
        sub="kunde-1042", name="Kari Ny", email="kari@kunde.example"
    )


async def test_a_shop_without_keys_is_told_so(tabbed: Tabbed) -> None:
    (tabbed.door.settings.secrets_dir / "identity-fjellbekk.keys").unlink()
    with pytest.raises(Refused) as refused:
        await tabbed.door.identify(tabbed.tab.session, token())
    assert refused.value.code == "identity_off"


async def test_the_page_goes_with_the_form_without_its_query(tabbed: Tabbed) -> None:
    shown = {"page": f"{ORIGIN}/telt?email=kari@kunde.example#top", "product": "Telt"}
    assert (await intake(tabbed, context=shown)).context == PageContext(
        page=f"{ORIGIN}/telt", product="Telt"
    )


@pytest.mark.parametrize(
    "page", ["https://fjellbekk.example.evil.example/", "https://other.example/a"]
)
def test_a_page_of_another_site_is_left_out(page: str) -> None:
    assert page_context({"page": page}, (ORIGIN,)) is None
    assert page_context({"page": page, "order": "10482217"}, (ORIGIN,)) == PageContext(
        order="10482217"
    )


@pytest.mark.parametrize(
    "context",
    [{"basket": "3"}, {"page": "javascript:alert(1)"}, {"page": f"https://a.example/{'a' * 300}"},
     {"product": "p" * 121}, {"order": "1 or 2"}, {"order": {"$ne": ""}}, [], "page"],
)  # fmt: skip
def test_a_context_takes_only_what_is_declared(context: object) -> None:
    with pytest.raises(Refused) as refused:
        parse(json.dumps(form(context=context)))
    assert refused.value.code == "malformed_frame"


def test_bodies_of_before_open_as_ever() -> None:
    assert IntakeBody.model_validate_json('{"fields": {}}').customer is None
    with pytest.raises(ValidationError):
        Customer.model_validate_json("{}")


def sample(language: str) -> str:
    """The code that docs/embedding.md gives shops to sign with."""
    page = Path("docs/embedding.md").read_text()
    return page.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_samples_of_the_page_make_tokens_that_are_believed() -> None:
    customer = Customer(sub="kunde-1042", name="Kåri Nordmann", email="kari@kunde.example")
    room: dict[str, Any] = {}
    exec(sample("python"), room)
    shops = SimpleNamespace(number=customer.sub, name=customer.name, email=customer.email)
    script = sample("js").replace("export ", "") + (
        f"process.stdout.write(pratToken({json.dumps(vars(shops))}, {json.dumps(KEY)}));"
    )
    node = ["node", "--input-type=module", "--eval", script]
    made = subprocess.run(node, capture_output=True, text=True, check=True).stdout
    for text in (room["prat_token"](shops, KEY), made):
        assert customer_in(text, KEYS, "fjellbekk", datetime.now(UTC)) == customer


async def test_the_address_gives_what_a_form_need_not_ask_and_refuses_with_codes(
    tabbed: Tabbed,
) -> None:
    secret = "visitor-token"
    session = replace(tabbed.tab.session, token_hash=hashlib.sha256(secret.encode()).digest())
    tabbed.store.kept[tabbed.id] = session
    transport = httpx.ASGITransport(web_app(GatewayRoutes(tabbed.door, lambda: NOW).routes()))
    headers = {"origin": ORIGIN, "authorization": f"Bearer {secret}"}
    path = f"/v1/conversations/{tabbed.id}/identity"
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:

        async def put(body: object, **more: str) -> tuple[int, Any]:
            answer = await client.put(path, json=body, headers=headers | more)
            return answer.status_code, answer.json().get("error", {}).get("code", answer.json())

        assert await put({"token": token()}) == (
            200, {"name": "Kari Nordmann", "email": "kari@kunde.example"},
        )  # fmt: skip
        bodies: list[Any] = [{}, {"token": {"$ne": ""}}, {"token": token(), "sub": "2"}, [], "x"]
        for body in bodies:
            assert await put(body) == (422, "invalid_body")
        assert await put({"token": token("x" * 43)}) == (401, "identity_wrong")
        assert await put({"token": token()}, authorization="Bearer x") == (401, "token_wrong")
        assert await put({"token": token()}, origin="https://evil.example") == (
            403,
            "foreign_origin",
        )
        await tabbed.door.ring.destroy("fjellbekk", tabbed.id, NOW)
        assert await put({"token": token()}) == (410, "erased")
