"""Who looks after whose accounts and reads whose audit log: at their own shops, and nothing more."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import httpx
import pytest
import segno
from argon2 import PasswordHasher

from deploy.local.stack import Stack
from libs.kit.audit import Audit
from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.mongo import connect
from libs.kit.second_factor import SecondFactor
from services.handoff.accounts import AccountStore
from services.handoff.administration import Administration
from services.handoff.agents import Agents
from services.handoff.doorway import Doorway
from services.handoff.notices import Notices
from services.handoff.oversight import Oversight
from tests.builders import pack

KEY = b"k" * 32
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
ADMIN, KARI, PER = "admin@fjellbekk.example", "kari@fjellbekk.example", "per@fjellbekk.example"
ELSA, BOTH, OPERATOR = "elsa@havsro.example", "both@shops.example", "op@prat.example"


@dataclass
class Office:
    """The doors of a console, and browsers of people who are logged in."""

    desk: Administration
    doorway: Doorway
    stack: AsyncExitStack
    passwords: dict[str, str] = field(default_factory=dict)

    async def add(self, email: str, merchant: str, *roles: str) -> None:
        self.passwords[email] = await self.desk.add(email, "", merchant, roles, [])

    async def browser(self, email: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(web_app(self.doorway.routes()))
        headers = {"x-prat-console": "1"}
        browser = httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers)
        await self.stack.enter_async_context(browser)
        form = {"email": email, "password": self.passwords[email]}
        assert (await browser.post("/api/login", json=form)).is_success
        return browser

    async def noted(self) -> list[tuple[str, str, str]]:
        rows = await self.desk.audit.entries({"about": {"$ne": ""}})
        return [(row["who"], row["what"], row["about"]) for row in rows if row["who"] != "test"]


@pytest.fixture
async def office(stack: Stack) -> AsyncIterator[Office]:
    client = connect(stack.store.url)
    await client.drop_database("prat_handoff")
    accounts, audit = AccountStore(client), Audit(client, "handoff", KEY)
    second = SecondFactor(accounts, KEY)
    agents = Agents(accounts, QUICK, second=second, audit=audit)
    desk = Administration("test", agents, second, audit)
    doorway = Doorway(agents, Packs(pack()), Notices())
    doorway.further += Oversight(doorway, desk).routes()
    await desk.prepare()
    async with AsyncExitStack() as browsers:
        office = Office(desk, doorway, browsers)
        await office.add(ADMIN, "fjellbekk", "merchant_admin")
        await office.add(KARI, "fjellbekk", "agent")
        await office.add(ELSA, "havsro", "agent")
        await office.add(BOTH, "fjellbekk", "agent")
        await desk.grant(BOTH, "havsro", ["supervisor"], [])
        await office.add(OPERATOR, "*", "operator")
        yield office
    client.close()


def answered(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_an_admin_sees_the_accounts_of_the_own_shop_and_what_they_are_there(
    office: Office,
) -> None:
    admin = await office.browser(ADMIN)
    found = (await admin.get("/api/accounts")).json()["accounts"]
    assert {one["email"] for one in found} == {ADMIN, KARI, BOTH}
    assert {g["merchant_id"] for one in found for g in one["grants"]} == {"fjellbekk"}
    assert "argon2" not in str(found)
    operator = await office.browser(OPERATOR)
    assert len((await operator.get("/api/accounts")).json()["accounts"]) == 5
    kari = await office.browser(KARI)
    assert (await kari.get("/api/accounts")).json()["accounts"] == []


async def test_an_admin_makes_changes_and_shuts_accounts_of_the_own_shop(office: Office) -> None:
    admin = await office.browser(ADMIN)
    new = {"email": PER, "merchant_id": "fjellbekk", "roles": ["supervisor"], "skills": ["x"]}
    made = await admin.post("/api/accounts", json=new)
    assert made.status_code == 201
    office.passwords[PER] = made.json()["password"]
    per = await office.browser(PER)
    again = await admin.post("/api/accounts", json=new)
    assert answered(again) == (400, "not_possible")
    grant = {"merchant_id": "fjellbekk", "roles": ["agent", "dpo"]}
    assert (await admin.post(f"/api/accounts/{PER}/grant", json=grant)).is_success
    account = await office.desk.agents.accounts.account(PER)
    assert account
    assert account["grants"] == [
        {"merchant_id": "fjellbekk", "roles": ["agent", "dpo"], "skills": ["*"]}
    ]
    assert (await admin.post(f"/api/accounts/{PER}/disable")).is_success
    assert (await per.get("/api/me")).json()["agent"] is None
    assert (await admin.post(f"/api/accounts/{PER}/enable")).is_success
    fresh = (await admin.post(f"/api/accounts/{PER}/password")).json()["password"]
    assert fresh != office.passwords[PER]
    enrolled = (await admin.post(f"/api/accounts/{PER}/second-factor")).json()
    assert len(enrolled["recovery_codes"]) == 10
    assert enrolled["squares"] == drawn(enrolled["address"])
    assert await office.noted() == [
        (ADMIN, "second_factor_enrolled", PER), (ADMIN, "password_changed", PER),
        (ADMIN, "account_enabled", PER), (ADMIN, "account_disabled", PER),
        (ADMIN, "account_granted", PER), (ADMIN, "account_added", PER),
    ]  # fmt: skip


def drawn(address: str) -> list[str]:
    """A QR code of an address as other programs read it from segno's text form."""
    text = StringIO()
    segno.make_qr(address).save(text, kind="txt", border=0)
    return text.getvalue().split()


CHANGES = ("disable", "enable", "password", "second-factor")


@pytest.mark.parametrize("who", [ADMIN, KARI])
@pytest.mark.parametrize("whose", [ELSA, BOTH, OPERATOR, "nobody@x.example"])
async def test_accounts_that_open_other_doors_are_out_of_reach(
    office: Office, who: str, whose: str
) -> None:
    browser = await office.browser(who)
    before = await office.desk.agents.accounts.accounts()
    for change in CHANGES:
        answer = await browser.post(f"/api/accounts/{whose}/{change}")
        assert answered(answer) == (403, "no_right")
    assert await office.desk.agents.accounts.accounts() == before
    assert await office.noted() == []


BAD: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("", {"email": PER, "merchant_id": "havsro"}, (403, "no_right")),
    ("", {"email": PER, "merchant_id": "*", "roles": ["operator"]}, (403, "no_right")),
    ("", {"email": PER, "merchant_id": "fjellbekk", "roles": ["operator"]}, (403, "no_right")),
    ("", {"email": PER, "merchant_id": "fjellbekk", "roles": ["king"]}, (400, "not_possible")),
    ("", {"email": PER, "merchant_id": "fjellbekk", "roles": []}, (400, "not_possible")),
    ("", {"email": "per", "merchant_id": "fjellbekk"}, (400, "not_possible")),
    ("", {"email": {"$gt": ""}, "merchant_id": "fjellbekk"}, (400, "malformed")),
    ("", {"email": PER, "merchant_id": "fjellbekk", "password": "x"}, (400, "malformed")),
    ("", {}, (400, "malformed")),
    (f"/{KARI}/grant", {"merchant_id": "havsro", "roles": ["agent"]}, (403, "no_right")),
    (f"/{KARI}/grant", {"merchant_id": "fjellbekk", "roles": ["operator"]}, (403, "no_right")),
    (f"/{PER}/grant", {"merchant_id": "fjellbekk", "roles": ["agent"]}, (400, "not_possible")),
    (f"/{ADMIN}/grant", {"merchant_id": "fjellbekk", "roles": ["dpo"]}, (403, "own_account")),
    (f"/{ADMIN.upper()}/grant", {"merchant_id": "fjellbekk", "roles": []}, (403, "own_account")),
    (f"/{ADMIN}/disable", {}, (403, "own_account")),
]


@pytest.mark.parametrize(("path", "body", "answer"), BAD)
async def test_nobody_grants_what_is_not_theirs_to_give(
    office: Office, path: str, body: dict[str, Any], answer: tuple[int, str]
) -> None:
    admin = await office.browser(ADMIN)
    before = await office.desk.agents.accounts.accounts()
    assert answered(await admin.post(f"/api/accounts{path}", json=body)) == answer
    assert await office.desk.agents.accounts.accounts() == before
    assert await office.noted() == []


async def test_everybody_may_take_a_second_factor_of_their_own(office: Office) -> None:
    kari = await office.browser(KARI)
    assert (await kari.post(f"/api/accounts/{KARI}/second-factor")).is_success
    assert (await kari.get("/api/me")).json()["agent"] is None


async def test_the_audit_log_is_read_by_who_has_the_right_at_the_shop(office: Office) -> None:
    await office.desk.audit.add(KARI, "case_read", merchant_id="fjellbekk", fields=("intake",))
    await office.desk.audit.add(ELSA, "case_read", merchant_id="havsro")
    admin, operator = await office.browser(ADMIN), await office.browser(OPERATOR)

    async def read(browser: httpx.AsyncClient, **asked: str) -> list[str]:
        answer = await browser.get("/api/audit", params={"merchant": "fjellbekk"} | asked)
        return [one["who"] for one in answer.json()["entries"]]

    assert await read(admin, who=KARI) == [KARI]
    assert await read(admin, last="1") == [KARI]
    assert ELSA not in await read(admin)
    assert await read(admin, case="none") == []
    assert await read(operator, merchant="havsro", who=ELSA) == [ELSA]
    assert {KARI, ELSA} <= {*await read(operator, merchant="")}
    for asked in ("havsro", "", "*"):
        answer = await admin.get("/api/audit", params={"merchant": asked})
        assert answered(answer) == (403, "no_right")
    kari = await office.browser(KARI)
    answer = await kari.get("/api/audit", params={"merchant": "fjellbekk"})
    assert answered(answer) == (403, "no_right")


async def test_whether_the_log_is_whole_is_told_to_who_may_read_it(office: Office) -> None:
    admin, kari = await office.browser(ADMIN), await office.browser(KARI)
    asked = {"merchant": "fjellbekk"}
    whole = (await admin.get("/api/audit/check", params=asked)).json()
    assert whole["problems"] == []
    assert whole["head"].startswith(f"{whole['entries']}:")
    await office.desk.audit._entries.update_one({"_id": 2}, {"$set": {"who": "nobody"}})
    broken = (await admin.get("/api/audit/check", params=asked)).json()["problems"]
    assert [problem["seq"] for problem in broken] == [2]
    answer = await kari.get("/api/audit/check", params=asked)
    assert answered(answer) == (403, "no_right")


async def test_without_a_session_or_from_another_page_nothing_is_done(office: Office) -> None:
    admin = await office.browser(ADMIN)
    foreign = await admin.post(f"/api/accounts/{KARI}/disable", headers={"x-prat-console": "0"})
    assert answered(foreign) == (403, "foreign_page")
    admin.cookies.clear()
    for method, path in (("GET", "/api/accounts"), ("GET", "/api/audit"), ("POST", "/api/accounts"),
                         ("POST", f"/api/accounts/{KARI}/disable")):  # fmt: skip
        assert answered(await admin.request(method, path)) == (401, "not_logged_in")
