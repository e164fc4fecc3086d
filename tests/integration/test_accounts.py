"""Accounts, sessions and second factors on a real store: when they end, and what counts once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from pyotp import TOTP

from deploy.local.stack import Stack
from libs.kit.accounts import IDLE, Accounts, Watch
from libs.kit.audit import Audit
from libs.kit.clock import utc_now
from libs.kit.errors import Refused
from libs.kit.login import LogIns
from libs.kit.mongo import Client, Document, connect
from libs.kit.second_factor import Enrolment, SecondFactor
from libs.kit.tries import PER_ADDRESS, PER_SECOND_FACTOR

KEY = b"k" * 32
KARI, PASSWORD = "kari@fjellbekk.example", "fjell-1"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class People(LogIns[str]):
    """People who are known by their addresses."""

    def person(self, account: Document) -> str:
        return str(account["_id"])

    def seeded(self, email: str) -> tuple[str, Document]:
        return email, {"name": email}


@dataclass
class House:
    """A page's people, with a clock that a test can turn."""

    client: Client
    now: datetime = field(default_factory=utc_now)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.client, "tested", "people", self.clock)
        self.second = SecondFactor(self.accounts, KEY, self.clock)
        self.audit = Audit(self.client, "tested", KEY, self.clock)
        self.people = People(self.accounts, QUICK, self.clock, second=self.second, audit=self.audit)

    def clock(self) -> datetime:
        return self.now

    async def enters(self, password: str = PASSWORD, **given: str) -> str:
        return (await self.people.log_in(KARI, password, **given))[1]

    async def refuses(self, password: str = PASSWORD, **given: str) -> Refused:
        with pytest.raises(Refused) as refused:
            await self.enters(password, **given)
        return refused.value

    async def enrolled(self) -> Enrolment:
        enrolment = await self.second.enrol(KARI, "Prat")
        assert enrolment
        return enrolment

    async def noted(self) -> list[tuple[str, str]]:
        return [(row["who"], row["what"]) for row in await self.audit.entries({})][::-1]


@pytest.fixture
async def house(stack: Stack) -> AsyncIterator[House]:
    client = connect(stack.store.url)
    await client.drop_database("prat_tested")
    house = House(client)
    await house.accounts.prepare()
    await house.audit.prepare()
    await house.people.set_account(KARI, {"name": "Kari"}, PASSWORD)
    yield house
    client.close()


async def test_a_session_ends_after_eight_hours_of_work(house: House) -> None:
    token = await house.enters()
    for _ in range(8 * 60 // 20 - 1):
        house.now += timedelta(minutes=20)
        assert await house.people.person_of(token) == KARI
    house.now += timedelta(minutes=21)
    assert await house.people.person_of(token) is None


async def test_a_session_in_which_nobody_does_anything_ends_after_half_an_hour(
    house: House,
) -> None:
    token = await house.enters()
    for _ in range(2):
        house.now += IDLE - timedelta(minutes=16)
        assert await house.people.person_of(token, used=False) == KARI
    house.now += timedelta(minutes=3)
    assert await house.people.person_of(token) is None


async def test_a_disabled_account_has_no_session_and_gets_none_as_a_wrong_password_would(
    house: House,
) -> None:
    token = await house.enters()
    assert await house.accounts.change_account(KARI, {"$set": {"disabled": True}})
    assert await house.people.person_of(token) is None
    assert (await house.refuses()).as_json() == (await house.refuses("wrong")).as_json()
    await house.accounts.change_account(KARI, {"$set": {"disabled": False}})
    assert await house.people.person_of(token) is None
    assert await house.people.person_of(await house.enters()) == KARI
    assert not await house.accounts.change_account("nobody", {"$set": {"disabled": True}})
    token = await house.enters()
    await house.accounts.put_account(KARI, {"disabled": True})
    assert await house.people.person_of(token) is None


async def test_a_new_password_ends_the_sessions_of_the_old_one_and_the_same_one_does_not(
    house: House,
) -> None:
    token = await house.enters()
    await house.people.set_account(KARI, {"name": "Kari Lie"}, PASSWORD)
    assert await house.people.person_of(token) == KARI
    await house.people.set_account(KARI, {"name": "Kari Lie"}, "fjell-2")
    assert await house.people.person_of(token) is None
    assert (await house.refuses()).code == "log_in_failed"
    assert await house.enters("fjell-2")


async def test_a_session_that_was_opened_while_the_password_changed_is_none(house: House) -> None:
    before = await house.accounts.account(KARI)
    assert before
    await house.people.set_account(KARI, {"name": "Kari"}, "fjell-2")
    await house.accounts.open_session("late", before, house.now + timedelta(hours=8))
    assert await house.people.person_of("late") is None


async def test_a_removed_account_that_is_made_again_has_no_old_sessions(house: House) -> None:
    token = await house.enters()
    await house.accounts.remove(KARI)
    await house.people.set_account(KARI, {"name": "Kari"}, PASSWORD)
    assert await house.people.person_of(token) is None


async def test_every_process_hears_of_a_change(house: House, stack: Stack) -> None:
    elsewhere = connect(stack.store.url)
    watch = Watch(Accounts(elsewhere, "tested", "people"), seconds=0)
    counts = [await watch.count()]
    token = await house.enters()
    for change in (
        house.accounts.change_account(KARI, {"$set": {"disabled": False}}),
        house.accounts.end_session(token),
        house.accounts.put_account(KARI, {"name": "Kari"}),
        house.accounts.remove(KARI),
    ):
        await change
        counts.append(await watch.count())
    elsewhere.close()
    assert len(set(counts)) == len(counts)


async def test_however_many_streams_ask_the_store_is_asked_once(house: House) -> None:
    watch, asked = Watch(house.accounts, seconds=60), 0
    changes = house.accounts.changes

    async def counted() -> int:
        nonlocal asked
        asked += 1
        return await changes()

    house.accounts.changes = counted  # type: ignore[method-assign]
    assert len({*await asyncio.gather(*(watch.count() for _ in range(50)))}) == 1
    assert asked == 1


async def test_the_second_factor_is_asked_for_and_a_code_counts_once(house: House) -> None:
    enrolment = await house.enrolled()
    assert (await house.refuses()).code == "totp_required"
    assert (await house.refuses("wrong", code="123456")).code == "log_in_failed"
    code = TOTP(enrolment.secret).at(house.now)
    token = await house.enters(code=f"{code[:3]} {code[3:]}")
    assert await house.people.person_of(token) == KARI
    assert (await house.refuses(code=code)).code == "totp_wrong"
    house.now += timedelta(minutes=1)
    assert (await house.refuses(code=code)).code == "totp_wrong"
    before, after = (TOTP(enrolment.secret).at(house.now, counter_offset=n) for n in (0, 1))
    assert await house.enters(code=after)
    assert (await house.refuses(code=before)).code == "totp_wrong"


async def test_of_two_who_use_a_code_at_once_one_gets_in(house: House) -> None:
    enrolment = await house.enrolled()
    for code in (TOTP(enrolment.secret).at(house.now), enrolment.recovery_codes[0]):
        both = await asyncio.gather(
            *(house.enters(code=code) for _ in range(2)), return_exceptions=True
        )
        assert sorted(isinstance(one, Refused) for one in both) == [False, True]


async def test_a_recovery_code_opens_once(house: House) -> None:
    codes = (await house.enrolled()).recovery_codes
    assert len({*codes}) == 10
    assert await house.enters(code=codes[3].upper())
    assert (await house.refuses(code=codes[3])).code == "totp_wrong"
    assert await house.enters(code=codes[4].replace("-", ""))


async def test_a_new_second_factor_ends_what_was_open_and_valid(house: House) -> None:
    before = await house.enrolled()
    token = await house.enters(code=before.recovery_codes[0])
    after = await house.enrolled()
    assert await house.people.person_of(token) is None
    for code in (TOTP(before.secret).at(house.now), before.recovery_codes[1]):
        assert (await house.refuses(code=code)).code == "totp_wrong"
    assert await house.enters(code=after.recovery_codes[0])
    assert await house.second.remove(KARI)
    assert await house.enters()
    assert await house.second.enrol("nobody", "Prat") is None


async def test_secrets_and_codes_do_not_lie_in_the_store(house: House) -> None:
    enrolment = await house.enrolled()
    account = str(await house.accounts.account(KARI))
    for secret in (enrolment.secret, *enrolment.recovery_codes):
        assert secret not in account
        assert secret.replace("-", "") not in account
    assert enrolment.secret in enrolment.address


async def test_a_second_factor_without_its_key_lets_nobody_in(house: House) -> None:
    enrolment = await house.enrolled()
    keyless = People(house.accounts, QUICK, house.clock)
    with pytest.raises(Refused, match="totp_wrong"):
        await keyless.log_in(KARI, PASSWORD, code=TOTP(enrolment.secret).at(house.now))


async def test_tries_from_one_address_are_counted_whatever_the_account(house: House) -> None:
    for number in range(PER_ADDRESS.most):
        with pytest.raises(Refused, match="log_in_failed"):
            await house.people.log_in(f"{number}@shop.example", "x", address="198.51.100.7")
    refused = await house.refuses(address="198.51.100.7")
    assert (refused.status, refused.code) == (429, "too_many_tries")
    assert refused.retry_after
    assert 1 <= refused.retry_after <= 60
    assert await house.enters(address="198.51.100.8")
    house.now += timedelta(seconds=refused.retry_after)
    assert await house.enters(address="198.51.100.7")


async def test_codes_cannot_be_found_by_trying(house: House) -> None:
    enrolment = await house.enrolled()
    for _ in range(PER_SECOND_FACTOR.most):
        house.now += timedelta(seconds=20)
        assert (await house.refuses(code="000000")).code == "totp_wrong"
    refused = await house.refuses(code=TOTP(enrolment.secret).at(house.now))
    assert (refused.code, refused.status) == ("too_many_tries", 429)
    assert refused.retry_after
    assert refused.retry_after > 60


async def test_log_ins_are_noted_without_what_was_typed(house: House) -> None:
    enrolment = await house.enrolled()
    await house.refuses("wrong")
    with pytest.raises(Refused):
        await house.people.log_in("My Secret Passw0rd", "x")
    await house.refuses(code="000000")
    await house.people.log_out(await house.enters(code=enrolment.recovery_codes[0]))
    await house.people.log_out("never was")
    assert await house.noted() == [
        (KARI, "log_in_failed"), ("unknown", "log_in_failed"), (KARI, "second_factor_failed"),
        (KARI, "log_in"), (KARI, "log_out"),
    ]  # fmt: skip
