"""What handoff keeps of the agents: who they are, and the merchants and skills they may see."""

from dataclasses import dataclass

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Client, Document
from services.handoff.case import Case

EVERY_SKILL = "*"


@dataclass(frozen=True)
class Agent:
    """A person who answers visitors, and the merchants and skills this person may see."""

    agent_id: str
    name: str
    merchants: tuple[str, ...]
    skills: tuple[str, ...] = (EVERY_SKILL,)

    def may_see(self, case: Case) -> bool:
        """Whether a case is the business of this agent."""
        skilled = EVERY_SKILL in self.skills or case.skill in self.skills
        return case.merchant_id in self.merchants and skilled


class AccountStore(Accounts):
    """Agents, their sessions and their tries to log in."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        super().__init__(client, "handoff", "agents", now)


def agent_of(account: Document) -> Agent:
    """The agent whose account this is."""
    return Agent(
        account["_id"], account["name"], tuple(account["merchants"]), tuple(account["skills"])
    )


def account_of(agent: Agent) -> Document:
    """What is stored of an agent besides the password."""
    merchants, skills = list(agent.merchants), list(agent.skills)
    return {"name": agent.name, "merchants": merchants, "skills": skills}
