"""What handoff keeps of the agents: who they are, and what they were granted at which merchant."""

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Client, Document
from services.handoff.rights import EVERY_SKILL, Agent, Grant, Role

__all__ = ["EVERY_SKILL", "AccountStore", "Agent", "account_of", "agent_of"]


class AccountStore(Accounts):
    """Agents, their sessions and their tries to log in."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        super().__init__(client, "handoff", "agents", now)


def agent_of(account: Document) -> Agent:
    """The agent whose account this is."""
    grants = tuple(_grant(row) for row in account["grants"])
    return Agent(account["_id"], account["name"], grants, tuple(account.get("languages", ())))


def account_of(agent: Agent) -> Document:
    """What is stored of an agent besides the password."""
    grants = [
        {"merchant_id": g.merchant_id, "roles": sorted(g.roles), "skills": sorted(g.skills)}
        for g in agent.grants
    ]
    return {"name": agent.name, "grants": grants, "languages": list(agent.languages)}


def _grant(row: Document) -> Grant:
    roles = frozenset(Role(role) for role in row["roles"])
    return Grant(row["merchant_id"], roles, frozenset(row["skills"]))
