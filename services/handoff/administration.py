"""Accounts are made, changed and shut: by the command line, and by whoever manages them at a shop."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, NoReturn

from libs.kit import audit, second_factor
from libs.kit.audit import Audit
from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Client, Document
from libs.kit.second_factor import Enrolment, SecondFactor
from libs.kit.settings import CommonSettings
from services.handoff.accounts import AccountStore, account_of, agent_of
from services.handoff.agents import Agents
from services.handoff.rights import EVERY_MERCHANT, EVERY_SKILL, Agent, Grant, Role

ISSUER = "Prat"
PASSWORD_BYTES = 12
ADDRESS = re.compile(r"[^@\s/]+@[^@\s/]+")
MOST_LETTERS = 254


@dataclass(frozen=True)
class Administration:
    """What `who` does with accounts; every change is noted in the audit log."""

    who: str
    agents: Agents
    second: SecondFactor
    audit: Audit

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once."""
        await self.agents.accounts.prepare()
        await self.audit.prepare()

    async def everybody(self) -> list[dict[str, Any]]:
        """Every account, without anything that opens it."""
        return [account_view(one) for one in await self.agents.accounts.accounts()]

    async def add(
        self, email: str, name: str, merchant_id: str, roles: Sequence[str], skills: Sequence[str]
    ) -> str:
        """Makes an account and returns its password; raises ConfigurationError for a known address."""
        person_id = email.lower()
        if not ADDRESS.fullmatch(person_id) or len(person_id) > MOST_LETTERS:
            raise ConfigurationError(
                "This is no e-mail address.", "give one like name@shop.example."
            )
        if await self.agents.accounts.account(person_id):
            raise ConfigurationError(
                f"{person_id} has an account already.",
                "change it with `prat agent roles`, or give it a new password.",
            )
        called = name or person_id.partition("@")[0].replace(".", " ").title()
        agent = Agent(person_id, called, (granted(merchant_id, roles, skills),))
        password = token_urlsafe(PASSWORD_BYTES)
        await self._note("account_added", person_id, merchant_id, roles)
        await self.agents.set_account(person_id, account_of(agent), password)
        return password

    async def grant(
        self, email: str, merchant_id: str, roles: Sequence[str], skills: Sequence[str]
    ) -> None:
        """Says anew what a person is at one merchant: nothing, where no role is named."""
        account = await self._known(email)
        grants = [g for g in agent_of(account).grants if g.merchant_id != merchant_id]
        if roles:
            grants.append(granted(merchant_id, roles, skills))
        changed = Agent(str(account["_id"]), str(account["name"]), tuple(grants))
        await self._note("account_granted", email, merchant_id, roles)
        fields = {"grants": account_of(changed)["grants"]}
        await self.agents.accounts.put_account(str(account["_id"]), fields)

    async def disable(self, email: str) -> None:
        """Ends every session of a person and lets the person in no more."""
        await self._change(email, "account_disabled", {"$set": {"disabled": True}})

    async def enable(self, email: str) -> None:
        """Lets a person in again."""
        await self._change(email, "account_enabled", {"$set": {"disabled": False}})

    async def new_password(self, email: str) -> str:
        """Gives a person a new password, which ends the sessions of the old one."""
        account = await self._known(email)
        password = token_urlsafe(PASSWORD_BYTES)
        await self._note("password_changed", email)
        await self.agents.set_account(str(account["_id"]), {}, password)
        return password

    async def enrol(self, email: str) -> Enrolment:
        """Gives a person a new second factor."""
        await self._known(email)
        await self._note("second_factor_enrolled", email)
        enrolment = await self.second.enrol(email.lower(), ISSUER)
        return enrolment or _raise_unknown(email)

    async def drop_second_factor(self, email: str) -> None:
        """Takes a person's second factor away."""
        await self._change(email, "second_factor_removed", {"$unset": {"second": ""}})

    async def _change(self, email: str, what: str, change: Document) -> None:
        await self._known(email)
        await self._note(what, email)
        await self.agents.accounts.change_account(email.lower(), change)

    async def _known(self, email: str) -> Document:
        return await self.agents.accounts.account(email.lower()) or _raise_unknown(email)

    async def _note(
        self, what: str, email: str, merchant_id: str = "", roles: Iterable[str] = ()
    ) -> None:
        await self.audit.add(
            self.who, what, merchant_id=merchant_id, about=email.lower(), fields=roles
        )


def administration(client: Client, settings: CommonSettings, who: str) -> Administration:
    """The administration of handoff's accounts, with the keys of the secrets folder."""
    accounts = AccountStore(client)
    second = SecondFactor(accounts, settings.key(second_factor.KEY_FILE))
    log = Audit(client, "handoff", settings.key(audit.KEY_FILE))
    return Administration(who, Agents(accounts), second, log)


def granted(merchant_id: str, roles: Sequence[str], skills: Sequence[str]) -> Grant:
    """The grant that these words mean; raises ConfigurationError for one that does not exist."""
    unknown = sorted(set(roles) - set(Role))
    if unknown or not roles:
        raise ConfigurationError(
            f"There is no role {', '.join(unknown) or 'without a name'}.",
            f"use {', '.join(Role)}.",
        )
    if merchant_id == EVERY_MERCHANT and set(roles) != {Role.OPERATOR}:
        raise ConfigurationError(
            "Only operators are granted something at every shop.", "name the shop."
        )
    return Grant(merchant_id, frozenset(map(Role, roles)), frozenset(skills or [EVERY_SKILL]))


def account_view(account: Document) -> dict[str, Any]:
    """An account as people who manage it see it."""
    return {
        "email": account["_id"], "name": account["name"], "grants": account["grants"],
        "disabled": bool(account.get("disabled")), "second_factor": bool(account.get("second")),
    }  # fmt: skip


def _raise_unknown(email: str) -> NoReturn:
    raise ConfigurationError(
        f"{email.lower()} has no account.", "`prat agent list` names everybody who has."
    )
