"""Who may do what in the console: roles, their rights in one table, and grants per merchant and skill.

Pure. Everything that is not in the table is refused; a role is held at a merchant, never everywhere,
but for the provider's operators, who look after accounts and see no case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.handoff.case import Case

EVERY_SKILL = "*"
EVERY_MERCHANT = "*"


class Role(StrEnum):
    """What a person is at a merchant."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MERCHANT_ADMIN = "merchant_admin"
    DPO = "dpo"
    OPERATOR = "operator"


class Right(StrEnum):
    """What a person may do at a merchant."""

    SEE_QUEUE = "see_queue"
    """See that cases wait: topic, skill, times; nothing that a visitor wrote."""
    REPLY = "reply"
    """Open a case that nobody owns, claim it, answer, note, hand it on, close it."""
    SEE_OTHERS = "see_others"
    """Read a case that a colleague owns."""
    TRANSFER_OTHERS = "transfer_others"
    """Take a case from a colleague and give it to a skill or another one."""
    ERASE = "erase"
    """Erase the whole conversation of a case that one may read."""
    MANAGE_ACCOUNTS = "manage_accounts"
    """Make, change and disable accounts."""
    READ_AUDIT = "read_audit"
    """Read who has looked at what."""
    HANDLE_REQUESTS = "handle_requests"
    """Answer what people ask about their data: look for it, hand it out, correct and erase it."""


_AGENT = frozenset({Right.SEE_QUEUE, Right.REPLY, Right.ERASE})

TABLE: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _AGENT | {Right.SEE_OTHERS, Right.TRANSFER_OTHERS},
    Role.MERCHANT_ADMIN: frozenset(
        {
            Right.SEE_QUEUE,
            Right.MANAGE_ACCOUNTS,
            Right.READ_AUDIT,
            Right.HANDLE_REQUESTS,
        }
    ),
    Role.DPO: frozenset(
        {
            Right.SEE_QUEUE,
            Right.SEE_OTHERS,
            Right.ERASE,
            Right.READ_AUDIT,
            Right.HANDLE_REQUESTS,
        }
    ),
    Role.OPERATOR: frozenset({Right.MANAGE_ACCOUNTS, Right.READ_AUDIT}),
}
"""The one place that says what a role may do."""


@dataclass(frozen=True)
class Grant:
    """What a person is at one merchant, and the skills whose cases are this person's business."""

    merchant_id: str
    roles: frozenset[Role] = frozenset({Role.AGENT})
    skills: frozenset[str] = frozenset({EVERY_SKILL})

    @property
    def rights(self) -> frozenset[Right]:
        """Everything that the roles allow together; at every merchant, what an operator may."""
        roles = self.roles & {Role.OPERATOR} if self.merchant_id == EVERY_MERCHANT else self.roles
        return frozenset().union(*(TABLE[role] for role in roles))

    def covers(self, merchant_id: str, skill: str | None = None) -> bool:
        """Whether it holds at this merchant, and for this skill if one is named."""
        here = self.merchant_id in (merchant_id, EVERY_MERCHANT)
        return here and (skill is None or EVERY_SKILL in self.skills or skill in self.skills)


@dataclass(frozen=True)
class Agent:
    """A person who works with the console, and what this person was granted."""

    agent_id: str
    name: str
    grants: tuple[Grant, ...] = ()
    languages: tuple[str, ...] = ()
    """The languages that this person writes; none means all."""

    @property
    def merchants(self) -> tuple[str, ...]:
        """The merchants whose queues this person may see."""
        seen = [grant.merchant_id for grant in self.grants if Right.SEE_QUEUE in grant.rights]
        return tuple(dict.fromkeys(seen))

    @property
    def shops(self) -> tuple[str, ...]:
        """The merchants at which this person has some role."""
        return tuple(dict.fromkeys(grant.merchant_id for grant in self.grants))

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills that this person has at some merchant."""
        return tuple(sorted({skill for grant in self.grants for skill in grant.skills}))

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that this person has at some merchant."""
        return tuple(sorted({role for grant in self.grants for role in grant.roles}))

    def roles_at(self, merchant_id: str) -> tuple[Role, ...]:
        """The roles of this person at a merchant."""
        here = [grant for grant in self.grants if grant.covers(merchant_id)]
        return tuple(sorted({role for grant in here for role in grant.roles}))

    def skills_at(self, merchant_id: str) -> tuple[str, ...]:
        """The skills of this person at a merchant; `*` is every skill."""
        here = [grant for grant in self.grants if grant.merchant_id == merchant_id]
        return tuple(sorted({skill for grant in here for skill in grant.skills}))

    def may(self, right: Right, merchant_id: str, skill: str | None = None) -> bool:
        """Whether a grant allows this at a merchant, and for a skill if one is named."""
        return any(right in g.rights and g.covers(merchant_id, skill) for g in self.grants)

    def serves(self, merchant_id: str, skill: str) -> bool:
        """Whether cases of this skill may be given to this person."""
        return self.may(Right.REPLY, merchant_id, skill)

    def may_see(self, case: Case) -> bool:
        """Whether a case is the business of this person; otherwise it is as unknown as none."""
        return self.may(Right.SEE_QUEUE, case.merchant_id, case.skill)

    def may_do(self, right: Right, case: Case) -> bool:
        """Whether this person may do this with a case, whoever owns it."""
        return self.may(right, case.merchant_id, case.skill)

    def may_read(self, case: Case) -> bool:
        """Whether this person may see what the visitor wrote: own, unowned, or by a wider right."""
        unowned = case.agent_id in (None, self.agent_id)
        return self.may_do(Right.SEE_OTHERS, case) or (unowned and self.may_do(Right.REPLY, case))

    def may_erase(self, case: Case) -> bool:
        """Whether this person may erase the conversation of a case."""
        return self.may_read(case) and self.may_do(Right.ERASE, case)


def rights_at(agent: Agent, merchants: Iterable[str]) -> dict[str, list[Right]]:
    """What the page may offer a person at each merchant, in the table's order."""
    return {
        merchant: [right for right in Right if agent.may(right, merchant)] for merchant in merchants
    }
