"""Log-ins by a provider that is a process of its own, and what it may not make us believe."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from argon2 import PasswordHasher

from deploy.local.secrets import create_secrets
from deploy.local.stack import Stack
from libs.kit.audit import Audit
from libs.kit.content import Packs
from libs.kit.errors import ConfigurationError
from libs.kit.http import web_app
from libs.kit.mongo import connect
from libs.kit.oidc import Client as OidcClient
from libs.kit.oidc import Provider, challenge, require_safe
from libs.kit.second_factor import SecondFactor
from libs.kit.single_sign_on import BegunLogIns, SingleSignOn
from services.handoff.accounts import AccountStore
from services.handoff.administration import Administration
from services.handoff.agents import Agents
from services.handoff.doorway import Doorway
from services.handoff.notices import Notices
from services.handoff.settings import HandoffSettings
from services.handoff.sign_on import SECRET_FILE, add_sign_on
from tests.builders import pack
from tests.oidc_provider import CLIENT_ID, SECRET, provider_process

KARI = "kari@fjellbekk.example"
KEY = b"k" * 32
CONSOLE = "http://console"
OWN = {"x-prat-console": "1"}
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider's process."""
    with provider_process() as address:
        yield address


@dataclass
class Door:
    """A console whose agents log in by the provider."""

    issuer: str
    doorway: Doorway
    desk: Administration
    provider: Provider

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(web_app(self.doorway.routes()))
        return httpx.AsyncClient(transport=transport, base_url=CONSOLE, headers=OWN)

    async def told(self, **told: Any) -> None:
        async with httpx.AsyncClient() as teller:
            assert (await teller.post(f"{self.issuer}/told", json=told)).is_success

    async def sent_back(self, browser: httpx.AsyncClient) -> str:
        """The address to which the provider sends the browser back."""
        begun = await browser.get("/api/oidc/start")
        assert begun.status_code == 303
        async with httpx.AsyncClient() as outside:
            return (await outside.get(begun.headers["location"])).headers["location"]

    async def log_in(self, browser: httpx.AsyncClient) -> str:
        """Where a whole log-in ends."""
        answer = await browser.get(await self.sent_back(browser))
        assert answer.status_code == 303
        return answer.headers["location"]


@pytest.fixture
async def door(stack: Stack, issuer: str) -> AsyncIterator[Door]:
    client = connect(stack.store.url)
    await client.drop_database("prat_handoff")
    accounts, audit = AccountStore(client), Audit(client, "handoff", KEY)
    second = SecondFactor(accounts, KEY)
    agents = Agents(accounts, QUICK, second=second, audit=audit)
    doorway = Doorway(agents, Packs(pack()), Notices())
    provider = Provider(OidcClient(issuer, CLIENT_ID, f"{CONSOLE}/api/oidc/callback", SECRET))
    begun = BegunLogIns(client, "handoff")
    doorway.provider_name = "Fjell ID"
    doorway.further += SingleSignOn(doorway, provider, begun).routes()
    door = Door(issuer, doorway, Administration("test", agents, second, audit), provider)
    await door.desk.prepare()
    await begun.prepare()
    await door.desk.add(KARI, "", "fjellbekk", ["agent"], [])
    await door.told()
    yield door
    await provider.close()
    client.close()


async def who(browser: httpx.AsyncClient) -> str | None:
    agent = (await browser.get("/api/me")).json()["agent"]
    return agent and str(agent["id"])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_an_agent_logs_in_by_the_provider(door: Door, algorithm: str) -> None:
    await door.told(alg=algorithm)
    async with door.browser() as browser:
        assert (await browser.get("/api/me")).json() == {
            "agent": None, "sign_on": {"name": "Fjell ID", "only": False},
        }  # fmt: skip
        assert await door.log_in(browser) == "/"
        assert (await browser.get("/api/me")).json()["agent"]["id"] == KARI
        assert browser.cookies.get("prat_console_sign_on") is None
    (noted, *_) = await door.desk.audit.entries({})
    assert (noted["who"], noted["what"]) == (KARI, "log_in_by_provider")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"alg": "none"}, "sso_failed"),
    ({"alg": "HS256"}, "sso_failed"),
    ({"stranger": True}, "sso_failed"),
    ({"broken": True}, "sso_failed"),
    ({"no_token": True}, "sso_failed"),
    ({"status": 400}, "sso_failed"),
    ({"status": 503}, "sso_unavailable"),
    ({"claims": {"nonce": "another"}}, "sso_failed"),
    ({"claims": {"nonce": None}}, "sso_failed"),
    ({"claims": {"iss": "https://elsewhere.example"}}, "sso_failed"),
    ({"claims": {"aud": "another console"}}, "sso_failed"),
    ({"claims": {"aud": [CLIENT_ID, "another"]}}, "sso_failed"),
    ({"claims": {"aud": [CLIENT_ID, "another"], "azp": "another"}}, "sso_failed"),
    ({"claims": {"azp": "another"}}, "sso_failed"),
    ({"claims": {"aud": None}}, "sso_failed"),
    ({"claims": {"sub": None}}, "sso_failed"),
    ({"claims": {"sub": 5}}, "sso_failed"),
    ({"claims": {"exp": None}}, "sso_failed"),
    ({"claims": {"exp": "2099"}}, "sso_failed"),
    ({"claims": {"iat": None}}, "sso_failed"),
    ({"claims": {"nbf": "soon"}}, "sso_failed"),
    ({"shifted": {"exp": -120}}, "sso_failed"),
    ({"shifted": {"iat": 120}}, "sso_failed"),
    ({"shifted": {"iat": -1200}}, "sso_failed"),
    ({"shifted": {"nbf": 120}}, "sso_failed"),
    ({"claims": {"sub": "2", "email": "per@fjellbekk.example"}}, "sso_unknown_account"),
    ({"claims": {"sub": "2", "email_verified": False}}, "sso_unknown_account"),
    ({"claims": {"sub": "2", "email_verified": "true"}}, "sso_unknown_account"),
    ({"claims": {"sub": "2", "email": None}}, "sso_unknown_account"),
    ({"state": "another"}, "sso_expired"),
    ({"state": ""}, "sso_expired"),
    ({"error": "access_denied"}, "sso_denied"),
    ({"iss": "https://elsewhere.example"}, "sso_failed"),
]


@pytest.mark.parametrize(("told", "code"), REFUSED, ids=lambda value: str(value)[:60])
async def test_what_does_not_prove_who_somebody_is_opens_nothing(
    door: Door, told: dict[str, Any], code: str
) -> None:
    await door.told(**told)
    async with door.browser() as browser:
        assert await door.log_in(browser) == f"/?sign_in={code}"
        assert await who(browser) is None
        assert browser.cookies.get("prat_console") is None


@pytest.mark.parametrize("told", [
    {"shifted": {"exp": -30}}, {"shifted": {"iat": 30}}, {"shifted": {"nbf": 30}},
    {"claims": {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}},
    {"claims": {"email": "KARI@Fjellbekk.example"}},
])  # fmt: skip
async def test_clocks_may_differ_by_half_a_minute_and_addresses_in_their_case(
    door: Door, told: dict[str, Any]
) -> None:
    await door.told(**told)
    async with door.browser() as browser:
        assert await door.log_in(browser) == "/"


async def test_a_code_opens_one_session_in_the_browser_that_asked(door: Door) -> None:
    async with door.browser() as browser, door.browser() as thief:
        back = await door.sent_back(browser)
        assert (await thief.get(back)).headers["location"] == "/?sign_in=sso_expired"
        assert (await browser.get(back)).headers["location"] == "/?sign_in=sso_expired"
        back = await door.sent_back(browser)
        assert (await browser.get(back)).headers["location"] == "/"
        assert (await browser.get(back)).headers["location"] == "/?sign_in=sso_expired"
        assert await who(thief) is None


async def test_a_code_of_another_log_in_does_not_fit_the_verifier(door: Door) -> None:
    async with door.browser() as browser, door.browser() as thief:
        stolen = parse_qs(urlsplit(await door.sent_back(browser)).query)["code"][0]
        own = parse_qs(urlsplit(await door.sent_back(thief)).query)["state"][0]
        answer = await thief.get("/api/oidc/callback", params={"code": stolen, "state": own})
        assert answer.headers["location"] == "/?sign_in=sso_failed"


async def test_an_account_belongs_to_who_came_with_it_first(door: Door) -> None:
    async with door.browser() as browser:
        assert await door.log_in(browser) == "/"
        await door.told(claims={"email": "renamed@fjellbekk.example"})
        assert await door.log_in(browser) == "/"
        assert await who(browser) == KARI
        await door.told(claims={"sub": "a new person with the old address"})
        assert await door.log_in(browser) == "/?sign_in=sso_unknown_account"


async def test_a_disabled_account_stays_shut(door: Door) -> None:
    async with door.browser() as browser:
        assert await door.log_in(browser) == "/"
        await door.desk.disable(KARI)
        assert await who(browser) is None
        assert await door.log_in(browser) == "/?sign_in=sso_unknown_account"


async def test_new_keys_of_the_provider_are_looked_up(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with door.browser() as browser:
        assert await door.log_in(browser) == "/"
        await door.told(rotate=True)
        assert await door.log_in(browser) == "/?sign_in=sso_failed"
        monkeypatch.setattr("libs.kit.oidc.KEYS_AT_MOST_EVERY", timedelta(0))
        assert await door.log_in(browser) == "/"


async def test_a_document_of_another_issuer_is_not_believed(door: Door) -> None:
    await door.told(issuer="https://elsewhere.example")
    async with door.browser() as browser:
        answer = await browser.get("/api/oidc/start")
        assert answer.headers["location"] == "/?sign_in=sso_failed"


async def test_secrets_are_not_sent_without_tls(door: Door) -> None:
    await door.told(token_endpoint="http://elsewhere.example/token")
    async with door.browser() as browser:
        assert await door.log_in(browser) == "/?sign_in=sso_failed"


async def test_where_only_the_provider_lets_in_no_password_does(door: Door) -> None:
    door.doorway.only_by_provider = True
    password = await door.desk.new_password(KARI)
    async with door.browser() as browser:
        answer = await browser.post("/api/login", json={"email": KARI, "password": password})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "sso_only")
        assert (await browser.get("/api/me")).json()["sign_on"]["only"]


async def test_the_cookie_of_a_begun_log_in_is_for_the_callback_alone(door: Door) -> None:
    async with door.browser() as browser:
        begun = await browser.get("/api/oidc/start")
    cookie = begun.headers["set-cookie"].lower()
    for mark in ("httponly", "samesite=lax", "path=/api/oidc", "max-age=600"):
        assert mark in cookie
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 43


def test_the_challenge_is_that_of_the_standard() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("address", ["http://id.example", "ftp://id.example", "", "id.example"])
def test_a_provider_needs_tls(address: str) -> None:
    with pytest.raises(ConfigurationError, match="without TLS"):
        require_safe(address)
    require_safe("https://id.example")


async def test_half_a_setting_is_refused_and_none_adds_nothing(door: Door, tmp_path: Path) -> None:
    create_secrets(tmp_path, ())
    service: Any = type("Service", (), {"prepare": [], "finish": []})()
    doorway = Doorway(door.desk.agents, Packs(pack()), Notices())
    client: Any = door.desk.agents.accounts._client
    settings = HandoffSettings(secrets_dir=tmp_path)
    add_sign_on(service, doorway, client, settings)
    assert (doorway.provider_name, doorway.further, service.prepare) == ("", [], [])
    half = settings.model_copy(update={"oidc_issuer": door.issuer})
    with pytest.raises(ConfigurationError, match="PRAT_OIDC_CLIENT_ID"):
        add_sign_on(service, doorway, client, half)
    whole = half.model_copy(update={"oidc_client_id": CLIENT_ID, "oidc_only": True})
    await asyncio.to_thread((tmp_path / SECRET_FILE).write_text, SECRET)
    add_sign_on(service, doorway, client, whole)
    assert (doorway.only_by_provider, len(doorway.further)) == (True, 2)
    assert len(service.prepare) == len(service.finish) == 1
    await service.finish[0]()
