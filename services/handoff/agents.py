"""Agents log in to the console."""

from libs.kit.login import LogIns
from libs.kit.mongo import Document
from services.handoff.accounts import Agent, account_of, agent_of
from services.handoff.rights import Grant

ACCOUNTS_FILE = "agent-passwords.json"


class Agents(LogIns[Agent]):
    """Who may use the console."""

    def person(self, account: Document) -> Agent:
        """The agent whose account this is."""
        return agent_of(account)

    def seeded(self, email: str) -> tuple[str, Document]:
        """The agent behind an address of a password file."""
        agent = demo_agent(email)
        return agent.agent_id, account_of(agent)


def demo_agent(email: str) -> Agent:
    """The agent behind an address: kari@fjellbekk.example is Kari of the merchant fjellbekk."""
    name, _, domain = email.lower().partition("@")
    return Agent(email.lower(), name.title(), (Grant(domain.partition(".")[0]),))
